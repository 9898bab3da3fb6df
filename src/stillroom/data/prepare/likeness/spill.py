"""Arrays that grow on the disk and are then mapped into memory."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryFile, gettempdir
from typing import IO, Any

import numpy as np

from stillroom.data.prepare.likeness.ragged import Array, Ragged, starts_of
from stillroom.data.prepare.likeness.shingles import Sets
from stillroom.types.files import storage_errors


class Spill:
    """An array in a file without a name, which only this process can read and which goes with it."""

    def __init__(self, dtype: Any, width: int = 1) -> None:
        """Begin with no rows, each of ``width`` values."""
        self._dtype, self._width, self._rows = np.dtype(dtype), width, 0
        self._file: IO[bytes] = TemporaryFile()  # noqa: SIM115

    def add(self, values: Array) -> None:
        """Write rows behind those before.

        Raises:
            StorageError: the disk is full.
        """
        with storage_errors(Path(gettempdir())):
            self._file.write(np.ascontiguousarray(values, self._dtype).tobytes())
        self._rows += len(values)

    def mapped(self) -> Array:
        """All rows, and the end of writing; their pages are read when they are needed, and need not stay."""
        shape = (self._rows, self._width) if self._width > 1 else (self._rows,)
        with self._file, storage_errors(Path(gettempdir())):
            self._file.flush()
            return (
                np.memmap(self._file, self._dtype, "r", shape=shape)
                if self._rows
                else np.zeros(shape, self._dtype)
            )


class SpilledSets:
    """Sets whose members lie on the disk."""

    def __init__(self) -> None:
        """Begin with no sets."""
        self._members, self._lengths, self._limits = Spill(np.uint32), Spill(np.int64), Spill(np.uint32)

    def add(self, sets: Sets) -> None:
        """Write sets behind those before."""
        self._members.add(sets.members.values)
        self._lengths.add(sets.members.lengths)
        self._limits.add(sets.limits)

    def mapped(self) -> Sets:
        """All sets."""
        return Sets(Ragged(self._members.mapped(), starts_of(self._lengths.mapped())), self._limits.mapped())
