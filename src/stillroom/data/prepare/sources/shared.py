"""What several sources need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from stillroom.data.hashing import digest
from stillroom.data.prepare.raw.parts import Part
from stillroom.data.prepare.raw.record import Record, UnfitError
from stillroom.types import SPLITS

_SPELLINGS: Mapping[str, str] = {"val": "validation", "valid": "validation", "dev": "validation"}


def split_named(name: str) -> str:
    """Return the split that a word names, or nothing.

    >>> split_named("dev"), split_named("test"), split_named("all")
    ('validation', 'test', '')
    """
    split = _SPELLINGS.get(name, name)
    return split if split in SPLITS else ""


def stated_split(record: Record, *, benchmark: bool = False) -> dict[str, Any]:
    """Make the columns of the split that a record states.

    Args:
        record: with a column ``split``, or none.
        benchmark: whether test rows are items of a published benchmark.

    Raises:
        UnfitError: it states no split that there is.
    """
    stated = record.maybe("split")
    split = split_named(stated)
    if stated and not split:
        raise UnfitError("unknown split")
    return {"split": split, "benchmark": benchmark and split == "test"}


def hidden(*parts: object) -> str:
    """Hash what must not be read off, such as a patient's number; equal parts give equal words.

    It is no anonymisation: whoever knows the numbers can hash them all.

    >>> hidden("patient", 12) == hidden("patient", 12), len(hidden("patient", 12))
    (True, 16)
    """
    return f"{digest(*parts):016x}"


def records_of(parts: Iterable[Part], path: Path) -> Iterator[Record]:
    """Yield the sound records of a source, for a first look at all of them."""
    for part in parts:
        for file in part.files(path):
            for record in part.records(file):
                if isinstance(record, Record):
                    yield record
