"""Diagnosis codes of a stay, from its discharge summary: MIMIC-III, where the user has it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import Field

from stillroom.data.bedside.labelled import Said, multi_label
from stillroom.data.bedside.splitting import RULE, split_of
from stillroom.data.bedside.texts import TextSettings
from stillroom.data.prepare.adapter import Malformed
from stillroom.data.prepare.raw.record import Record
from stillroom.data.prepare.raw.tables import csv_rows
from stillroom.data.prepare.sources.mimic3_notes import ADAPTER
from stillroom.data.prepare.sources.shared import hidden
from stillroom.types import SPLITS, DataError
from stillroom.types.cases import Cohort

_NOTES, _CODES = "NOTEEVENTS.csv", "DIAGNOSES_ICD.csv"
_SUMMARY = "discharge summary"


class Mimic3CodesSettings(TextSettings):
    """Discharge summaries and the most frequent ICD-9 codes of their stays; a folder of the user's own copy."""

    task: Literal["mimic3_codes"]
    most_tokens: int = Field(
        default=512,
        ge=8,
        le=512,
        description="word pieces that are read, the first ones; a summary has thousands",
    )
    most_codes: int = Field(
        default=50, ge=2, description="labels: the codes that most stays have, of those that every split has"
    )
    validation_share: float = Field(default=0.1, gt=0, lt=0.5, description="share of the patients")
    test_share: float = Field(default=0.2, gt=0, lt=0.5, description="share of the patients")


def build(settings: Mimic3CodesSettings) -> Cohort:
    """Join ``NOTEEVENTS`` and ``DIAGNOSES_ICD`` by stay; patients are split by a hash of their number.

    Summaries of one stay are read one after the other. Notes marked as errors are left out.

    Raises:
        DataError: a file is missing, a column of it, or no stay has both a summary and a code.
    """
    codes = _codes(settings.folder.expanduser())
    said = [
        Said(
            f"mimic3/{hidden('stay', stay)}",
            patient,
            split_of(patient, settings.validation_share, settings.test_share),
            text,
            codes[stay],
        )
        for stay, (patient, text) in _summaries(settings.folder.expanduser()).items()
        if stay in codes
    ]
    if not said:
        raise DataError(
            f"no stay with a summary and a code in {settings.folder}",
            f"{_NOTES} with {_SUMMARY!r} in CATEGORY, and {_CODES}, of the same stays",
            "give the tables of one release",
        )
    labels = _labels(said, settings.most_codes)
    return multi_label("mimic3_codes", said, labels, settings, source=ADAPTER.about, split_rule=RULE)


def _labels(said: list[Said], most: int) -> list[str]:
    counts = Counter(code for of in said for code in of.labels)
    everywhere = set.intersection(
        *({code for of in said if of.split == split for code in of.labels} for split in SPLITS)
    )
    ranked = sorted(everywhere, key=lambda code: (-counts[code], code))
    return sorted(ranked[:most])


def _codes(folder: Path) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for stay, code in _columns(folder, _CODES, ("HADM_ID", "ICD9_CODE")):
        if stay and code:
            found.setdefault(stay, set()).add(code)
    return {stay: tuple(sorted(codes)) for stay, codes in found.items()}


def _summaries(folder: Path) -> dict[str, tuple[str, str]]:
    """Hash of the patient, and text, by stay."""
    found: dict[str, tuple[str, str]] = {}
    names = ("HADM_ID", "SUBJECT_ID", "CATEGORY", "TEXT", "ISERROR")
    for stay, patient, category, text, is_error in _columns(folder, _NOTES, names):
        if stay and category.lower() == _SUMMARY and is_error != "1":
            before = f"{found[stay][1]}\n" if stay in found else ""
            found[stay] = hidden("patient", patient), before + text
    return found


def _columns(folder: Path, name: str, columns: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Columns of a table, plain or gzipped, whose names may be in small letters as in the demo's."""
    paths = [path for path in (folder / name, folder / f"{name}.gz") if path.is_file()]
    if not paths:
        raise DataError(
            f"no {name} in {folder}", f"{_NOTES} and {_CODES} of MIMIC-III", "set data.folder=PATH"
        )
    for record in csv_rows(paths[0]):
        if isinstance(record, Malformed):
            raise DataError(
                f"{record.where}: {record.reason}", "a CSV of PhysioNet", "take the file as released"
            )
        yield _values(record, columns)


def _values(record: Record, columns: tuple[str, ...]) -> tuple[str, ...]:
    upper = {key.upper(): key for key in record.data}
    if missing := [column for column in columns if column not in upper]:
        raise DataError(
            f"{record.file} has no column {missing[0]}",
            f"the columns {', '.join(columns)}",
            "take it as released",
        )
    return tuple(record.maybe(upper[column]) for column in columns)
