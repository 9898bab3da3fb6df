"""MMLU's eight medical subjects: exam questions with four options."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from stillroom.data.prepare.adapter import Adapter
from stillroom.data.prepare.raw.lines import json_lines
from stillroom.data.prepare.raw.parts import BENCHMARK, TRAIN, VALIDATION, Part, read_parts
from stillroom.data.prepare.raw.record import Record, UnfitError, choice, lettered
from stillroom.data.prepare.raw.tables import csv_rows, parquet_rows
from stillroom.types import Source

SPECIALTIES: Mapping[str, str] = {
    "anatomy": "anatomy",
    "clinical_knowledge": "",
    "college_biology": "biology",
    "college_medicine": "",
    "medical_genetics": "genetics",
    "nutrition": "nutrition",
    "professional_medicine": "",
    "virology": "virology",
}
"""Subjects, with the specialty of those that are of one."""
_SPLITS = {"dev": TRAIN, "val": VALIDATION, "test": BENCHMARK}
_HUB_SPLITS = {"dev": TRAIN, "validation": VALIDATION, "test": BENCHMARK}
_CELLS = ("question", "A", "B", "C", "D", "answer")


def _of_line(record: Record) -> Mapping[str, Any]:
    subject = record.text("subject")
    if subject not in SPECIALTIES:
        raise UnfitError("none of the eight subjects")
    options = lettered(record.data.get("options"), record.data.get("answer"))
    return _row(record, record.name("id"), subject, options)


def _of_cells(record: Record) -> Mapping[str, Any]:
    subject, _, split = record.stem.rpartition("_")
    options = lettered({letter: record.text(letter) for letter in "ABCD"}, record.text("answer"))
    return _row(record, f"{subject}-{split}-{record.number}", subject, options)


def _of_hub(record: Record, subject: str) -> Mapping[str, Any]:
    split = record.stem.partition("-")[0]
    options = choice(record.data.get("choices"), record.data.get("answer"))
    return _row(record, f"{subject}-{split}-{record.number}", subject, options)


def _row(record: Record, id: str, subject: str, options: Mapping[str, Any]) -> Mapping[str, Any]:
    prompt = record.text("question")
    return {
        "id": id,
        "task": "multiple_choice",
        "prompt": prompt,
        "specialty": SPECIALTIES[subject],
        **options,
    }


_PARTS = (
    *(Part(f"{split}.jsonl", json_lines, _of_line, columns) for split, columns in _SPLITS.items()),
    *(
        Part(f"{split}/{subject}_{split}.csv", partial(csv_rows, columns=_CELLS), _of_cells, columns)
        for subject in SPECIALTIES
        for split, columns in _SPLITS.items()
    ),
    *(
        Part(f"{subject}/{split}-*.parquet", parquet_rows, partial(_of_hub, subject=subject), columns)
        for subject in SPECIALTIES
        for split, columns in _HUB_SPLITS.items()
    ),
)

ADAPTER = Adapter(
    name="mmlu_medical",
    about=Source(
        "MMLU, eight medical subjects",
        "2020-09-07",
        "MIT",
        "https://github.com/hendrycks/test",
        "Hendrycks et al., Measuring Massive Multitask Language Understanding, ICLR 2021, arXiv:2009.03300",
    ),
    summary="exam questions with four options, of eight medical subjects",
    access="open",
    obligations=frozenset({"attribution"}),
    read=partial(read_parts, _PARTS),
    expected={"train": 40, "validation": 174, "test": 1571},
    folder="mmlu_medical",
    files={
        "{dev,val,test}.jsonl": "id, subject, question, options {A, B, C, D}, answer (letter)",
        "{dev,val,test}/<subject>_<split>.csv": "question, A, B, C, D, answer (letter); no header",
        "<subject>/{dev,validation,test}-*.parquet": "question, subject, choices[], answer (0-3)",
    },
    traps=(
        "19 test questions stand in the dev or val file of another subject as well (12 of clinical_knowledge, 7 of "
        "college_medicine): test rows are a benchmark, so the isolation stage takes their copies out of training",
        "78 test questions stand in both clinical_knowledge and college_medicine: they are kept, as published "
        "scores count them twice",
        "the release of 2020-09-07 has 282 test rows of professional_medicine, later ones 272",
        "the other 49 subjects of a whole release are not read",
        "MMLU is both a training set and a benchmark in published corpora: here dev and val may be learned from, "
        "test never",
    ),
)
