"""A source as its files: which of them, how each is read, and what a record of it becomes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from stillroom.data.prepare.adapter import Malformed, RawRow
from stillroom.data.prepare.raw.record import Record, Records, UnfitError, refuse_half_characters
from stillroom.types import DataError

TRAIN: Mapping[str, Any] = {"split": "train"}
VALIDATION: Mapping[str, Any] = {"split": "validation"}
BENCHMARK: Mapping[str, Any] = {"split": "test", "benchmark": True}


@dataclass(frozen=True)
class Part:
    """Files of a source that are alike.

    Attributes:
        pattern: their names, as ``test.jsonl`` or ``test/*_test.csv``; each may end in ``.gz`` too.
        records: reads one of them.
        row: makes a row's columns of a record, or raises :class:`UnfitError`.
        columns: columns that are the same in all their rows.
    """

    pattern: str
    records: Callable[[Path], Records]
    row: Callable[[Record], Mapping[str, Any]]
    columns: Mapping[str, Any] = field(default_factory=dict)

    def files(self, path: Path) -> list[Path]:
        """The files of this part in a folder, by name; of a file, the file itself if it is one of them."""
        if path.is_file():
            name = self.pattern.rpartition("/")[2]
            return [path] if fnmatch(path.name.removesuffix(".gz"), name) else []
        return sorted({*path.glob(self.pattern), *path.glob(f"{self.pattern}.gz")})


def read_parts(parts: Sequence[Part], path: Path) -> Iterator[RawRow]:
    """Yield the rows of a source: part by part, file by file, in order.

    Raises:
        DataError: none of its files is there.
    """
    files = [(part, file) for part in parts for file in part.files(path)]
    if not files:
        expected = ", ".join(dict.fromkeys(part.pattern for part in parts))
        raise DataError(
            f"{path} holds no file of this source", expected, "correct the path, or unpack the release"
        )
    for part, file in files:
        for record in part.records(file):
            yield record if isinstance(record, Malformed) else made(record, part)


def made(record: Record, part: Part) -> RawRow:
    """Make a row of a record, or say why it makes none."""
    try:
        row = {**part.columns, **part.row(record)}
        for value in row.values():
            _refuse_surrogates(value)
    except UnfitError as reason:
        return Malformed(record.where, str(reason))
    return row


def _refuse_surrogates(value: Any) -> None:
    if isinstance(value, list):
        for text in value:
            _refuse_surrogates(text)
    elif isinstance(value, str):
        refuse_half_characters(value)
