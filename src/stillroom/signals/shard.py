"""One file of records: written whole, named by its content, read record by record through memory mapping."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from stillroom.signals.record import Record, most_record_bytes
from stillroom.signals.recording import NAME_BYTES, Recording
from stillroom.signals.seal import Seal
from stillroom.types import Encoded, StorageError
from stillroom.types.files import atomic_file, file_sha256

SHARD = "shard"
_NAMES, _TOKENS, _SIZES, _RECORDS = "names", "tokens", "sizes", "records"
_SHORT = 16
_HEADER_BYTES, _NUMBER_BYTES = 512, 4


class Shard:
    """The records of a file; bytes are read from the disk when a record is asked for.

    Attributes:
        names: the records' names, 16 bytes each.
    """

    def __init__(self, path: Path) -> None:
        """Map a file into memory.

        Raises:
            StorageError: it is no shard.
        """
        try:
            file = _map(path)
            names = file.get_tensor(_NAMES).numpy()
            self._stops: list[int] = [0, *file.get_tensor(_SIZES).cumsum(0).tolist()]
            self._records = file.get_slice(_RECORDS)
        except (SafetensorError, OSError) as error:
            raise damaged(path, f"not readable ({type(error).__name__})") from error
        self.names = [row.tobytes() for row in names]

    def read(self, index: int) -> Tensor:
        """Read the bytes of one record."""
        raw: Tensor = self._records[self._stops[index] : self._stops[index + 1]]
        return raw


def plan_name(recording: str, check: str | None, names: Sequence[bytes]) -> str:
    """Name a shard by what is to be in it, before it is written."""
    return hashlib.sha256(f"{recording}{check}".encode() + b"".join(names)).hexdigest()[:_SHORT]


def write_shard(folder: Path, plan: str, names: Sequence[bytes], records: Sequence[Record]) -> Path:
    """Write a shard whole or not at all; its name carries its plan and its content's hash.

    Writers of the same content write the same bytes under the same name; until then each has a name of its own.

    Raises:
        StorageError: the disk is full or the folder is not writable.
    """
    unfinished = folder / f"unfinished-{uuid.uuid4().hex}"
    with atomic_file(unfinished) as temporary:
        save_file(
            {
                _NAMES: torch.from_numpy(
                    np.frombuffer(b"".join(names), dtype=np.uint8).reshape(-1, NAME_BYTES).copy()
                ),
                _TOKENS: torch.tensor([record.tokens for record in records], dtype=torch.int32),
                _SIZES: torch.tensor([record.raw.numel() for record in records], dtype=torch.int32),
                _RECORDS: torch.cat([record.raw for record in records]),
            },
            temporary,
        )
    return unfinished.replace(folder / _file_name(plan, file_sha256(unfinished)))


def most_shard_bytes(rows: Sequence[Encoded], recording: Recording, seal: Seal) -> int:
    """Length of the shard that these rows will be, at most."""
    each = NAME_BYTES + 2 * _NUMBER_BYTES + seal.extra_bytes
    return _HEADER_BYTES + sum(each + most_record_bytes(recording, row) for row in rows)


def finished_shard(folder: Path, plan: str) -> Path | None:
    """Find the whole shard of a plan, if an earlier writer finished it."""
    candidates = sorted(folder.glob(_file_name(plan, "*")))
    return next((path for path in candidates if path.name == _file_name(plan, file_sha256(path))), None)


def plan_of(file_name: str) -> str:
    """The plan that a shard's name carries."""
    return file_name.split("-")[1]


def damaged(path: Path, what: str) -> StorageError:
    """One line that names a damaged file."""
    return StorageError(
        f"signal file {path} is damaged: {what}",
        "the file as it was recorded",
        "purge the signals (`stillroom purge signals`) and collect them again",
    )


def _map(path: Path) -> Any:
    return safe_open(path, framework="pt")


def _file_name(plan: str, sha256: str) -> str:
    return f"{SHARD}-{plan}-{sha256[:_SHORT]}.safetensors"
