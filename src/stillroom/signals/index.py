"""``index.json``: what a store holds, and the proof of every file."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from stillroom.signals.recording import Recording
from stillroom.signals.shard import damaged, plan_of
from stillroom.types import SignalError
from stillroom.types.files import PRIVATE_FILE_MODE, file_sha256, write_json

INDEX_FILE = "index.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file and what it must still be. ``rows`` and ``tokens`` are 0 for a file without records."""

    file: str
    sha256: str
    bytes: int
    rows: int = 0
    tokens: int = 0

    @classmethod
    def measure(cls, path: Path, rows: int = 0, tokens: int = 0) -> Self:
        """Describe a file that was just written."""
        return cls(path.name, file_sha256(path), path.stat().st_size, rows, tokens)

    def check(self, folder: Path) -> None:
        """Compare the file with its description.

        Raises:
            StorageError: it is missing, cut short or changed; names it.
        """
        path = folder / self.file
        if not path.is_file():
            raise damaged(path, "missing")
        if (size := path.stat().st_size) != self.bytes:
            raise damaged(path, f"{size:,} of {self.bytes:,} bytes")
        if file_sha256(path) != self.sha256:
            raise damaged(path, "its SHA-256 has changed")


@dataclass(frozen=True, slots=True)
class Index:
    """The files of a store.

    Attributes:
        recording: what all records have in common.
        key_check: tells a wrong key; None where nothing is encrypted.
        matrix: the teacher's output matrix, where the targets need it.
        shards: files of records, ordered by name.
    """

    recording: Recording
    key_check: str | None
    matrix: StoredFile | None
    shards: tuple[StoredFile, ...]

    @property
    def rows(self) -> int:
        """Rows of all shards."""
        return sum(shard.rows for shard in self.shards)

    @property
    def tokens(self) -> int:
        """Response tokens of all shards."""
        return sum(shard.tokens for shard in self.shards)

    @property
    def bytes(self) -> int:
        """Bytes of all shards, names and lengths of the records included."""
        return sum(shard.bytes for shard in self.shards)

    def check_files(self, folder: Path) -> None:
        """Check every file, which reads each once (about 1 to 2 GB a second).

        Raises:
            StorageError: a file is not as it was recorded; names it.
        """
        for stored in (*self.shards, *([self.matrix] if self.matrix else [])):
            stored.check(folder)

    def with_shards(self, more: Sequence[StoredFile]) -> Index:
        """Add shards; of one plan the first stays."""
        by_plan = {plan_of(shard.file): shard for shard in (*more, *self.shards)}
        return replace(self, shards=tuple(sorted(by_plan.values(), key=lambda shard: shard.file)))

    def to_dict(self) -> dict[str, Any]:
        """Return a plain, JSON-serialisable form."""
        return {
            "format": FORMAT,
            "recording": self.recording.to_dict(),
            "key_check": self.key_check,
            "matrix": _plain(self.matrix) if self.matrix else None,
            "shards": [_plain(shard) for shard in self.shards],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Rebuild from :meth:`to_dict`.

        Raises:
            ValueError: another format.
        """
        if data["format"] != FORMAT:
            raise ValueError(f"format {data['format']}")
        matrix = StoredFile(**data["matrix"]) if data["matrix"] else None
        shards = tuple(StoredFile(**shard) for shard in data["shards"])
        return cls(Recording.from_dict(data["recording"]), data["key_check"], matrix, shards)


def read_index(folder: Path) -> Index | None:
    """Read a store's index; None where nothing was finished yet.

    Raises:
        StorageError: it is damaged, or of another version.
    """
    path = folder / INDEX_FILE
    if not path.is_file():
        return None
    try:
        return Index.from_dict(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError) as error:
        raise damaged(path, f"no index of this version ({type(error).__name__})") from error


def add_to_index(folder: Path, index: Index) -> Index:
    """Write an index, with the shards that other writers added in the meantime.

    Raises:
        SignalError: what they wrote belongs to another recording.
    """
    with _lock(folder):
        there = read_index(folder)
        if there is not None:
            same_or_refuse(folder, there, index.recording)
        merged = there.with_shards(index.shards) if there else index
        write_json(folder / INDEX_FILE, merged.to_dict())
    return merged


def hand_over(source: Path, target: Path) -> None:
    """Move a store into a folder of the same file system.

    The index goes first: a process killed in between leaves shards without an index, which a collection takes up again,
    and never an index without its shards.
    """
    index = read_index(source)
    assert index is not None, "a collection ends with its index"
    files = (*index.shards, *([index.matrix] if index.matrix else []))
    for name in (INDEX_FILE, *(stored.file for stored in files)):
        (source / name).replace(target / name)


def same_or_refuse(folder: Path, found: Index, recording: Recording) -> None:
    """Refuse to mix recordings.

    Raises:
        SignalError: names the first thing that differs.
    """
    ours, theirs = recording.to_dict(), found.recording.to_dict()
    for name in {**ours, **theirs}:
        if theirs.get(name) != ours.get(name):
            raise SignalError(
                f"{folder} was recorded with {name} {short(theirs.get(name))}",
                f"{name} {short(ours.get(name))}",
                "purge it (`stillroom purge signals`), or collect into another folder",
            )


def short(value: object) -> str:
    """A fingerprint's beginning; anything else as it is."""
    return value[:12] if isinstance(value, str) else str(value)


def _plain(stored: StoredFile) -> dict[str, Any]:
    return {name: getattr(stored, name) for name in StoredFile.__dataclass_fields__}


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, PRIVATE_FILE_MODE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
