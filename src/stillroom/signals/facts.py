"""What a store holds, without its key and without a word of its texts."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from stillroom.signals.index import read_index
from stillroom.types import SignalError


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """A store in figures.

    Attributes:
        rows: rows recorded, duplicates once.
        tokens: their response tokens.
        shards: files of records.
        bytes: size of these.
        matrix_bytes: size of the teacher's output matrix beside them; 0 where the targets need none.
        recording: what every record has in common: targets, temperature, layers, attention, fingerprints.
        encrypted: whether a key is needed.
    """

    rows: int
    tokens: int
    shards: int
    bytes: int
    matrix_bytes: int
    recording: dict[str, Any]
    encrypted: bool

    @property
    def bytes_per_token(self) -> float:
        """Bytes of the shards for each response token."""
        return self.bytes / self.tokens

    def to_dict(self) -> dict[str, Any]:
        """Return a plain, JSON-serialisable form."""
        return {**asdict(self), "bytes_per_token": self.bytes_per_token}


def store_facts(folder: Path) -> StoreFacts:
    """Describe a finished store from its index alone; files are not checked.

    Raises:
        SignalError: there is none.
        StorageError: its index is damaged.
    """
    index = read_index(folder)
    if index is None:
        raise SignalError(f"{folder} holds no signals", "a finished collection", "collect the signals first")
    return StoreFacts(
        rows=index.rows,
        tokens=index.tokens,
        shards=len(index.shards),
        bytes=index.bytes,
        matrix_bytes=index.matrix.bytes if index.matrix else 0,
        recording=index.recording.to_dict(),
        encrypted=index.key_check is not None,
    )
