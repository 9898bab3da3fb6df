"""A corpus in the making lies in shards: Arrow files of a few thousand rows, each whole or absent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from stillroom.data.prepare.rows import table
from stillroom.types.files import atomic_file

ROWS_PER_SHARD = 2048
_CHARACTERS_PER_SHARD = 2**25
"""Long rows fill a shard sooner, so that no process ever holds more than it can."""
_TEXTS = ("prompt", "context", "response")


@dataclass(frozen=True, slots=True)
class Shard:
    """Where the files of a shard lie in the folder of a step.

    Attributes:
        folder: the step's folder.
        name: number of the source and number in it, such as ``003-000012``: the order of names is that of rows.
    """

    folder: Path
    name: str

    @property
    def source(self) -> int:
        """Number of the source that its rows come from."""
        return int(self.name.partition("-")[0])

    @property
    def rows(self) -> Path:
        """Its rows."""
        return self.folder / f"{self.name}.rows.arrow"

    @property
    def dropped(self) -> Path:
        """Rows that the step left out."""
        return self.folder / f"{self.name}.dropped.arrow"

    @property
    def survey(self) -> Path:
        """What a survey noted of it."""
        return self.folder / f"{self.name}.survey"

    @property
    def account(self) -> Path:
        """What became of its rows; written last, so that a shard with an account is done."""
        return self.folder / f"{self.name}.json"


def shard_name(source: int, number: int) -> str:
    """Name a shard.

    >>> shard_name(3, 12)
    '003-000012'
    """
    return f"{source:03d}-{number:06d}"


def write_table(rows: pa.Table, path: Path) -> None:
    """Write a table as an Arrow file; equal rows give equal bytes.

    Raises:
        StorageError: the disk is full or not writable.
    """
    with (
        atomic_file(path) as temporary,
        pa.OSFile(str(temporary), "wb") as sink,
        pa.ipc.new_file(sink, rows.schema) as writer,
    ):
        writer.write_table(rows.combine_chunks())


def read_table(path: Path) -> pa.Table:
    """Map a table into memory: its pages are read when they are needed, and need not stay."""
    with pa.memory_map(str(path)) as file:
        return pa.ipc.open_file(file).read_all()


def filled(rows: Iterator[Mapping[str, Any]], rows_per_shard: int = ROWS_PER_SHARD) -> Iterator[pa.Table]:
    """Cut a stream of rows into tables: after so many rows, or sooner where they are long."""
    waiting: list[Mapping[str, Any]] = []
    characters = 0
    for row in rows:
        waiting.append(row)
        characters += sum(len(row.get(name, "")) for name in _TEXTS)
        if len(waiting) == rows_per_shard or characters >= _CHARACTERS_PER_SHARD:
            yield table(waiting)
            waiting, characters = [], 0
    if waiting:
        yield table(waiting)


def moved(shards: Sequence[Shard], folder: Path) -> list[Shard]:
    """The same shards in the folder of another step."""
    return [Shard(folder, shard.name) for shard in shards]
