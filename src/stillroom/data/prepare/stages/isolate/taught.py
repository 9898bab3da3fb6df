"""What the teacher was trained on, where that is known."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from stillroom.data.hashing import digest
from stillroom.data.prepare.likeness.ragged import distinct
from stillroom.types import DataError

_HASH = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class Taught:
    """Rows that a teacher was trained on.

    Attributes:
        ids: hashes of their identifiers, in rising order.
        contents: keys of their words, in rising order.
    """

    ids: NDArray[np.uint64]
    contents: NDArray[np.uint64]

    @classmethod
    def read(cls, path: Path | None) -> Self:
        """Read a file with a row's identifier, or the 16 hexadecimal digits of its content's hash, on each line.

        Raises:
            DataError: it cannot be read, or has no line.
        """
        lines = _lines(path) if path else []
        contents = [int(line, 16) for line in lines if _HASH.fullmatch(line)]
        ids = [digest(line) for line in lines if not _HASH.fullmatch(line)]
        return cls(distinct(np.array(ids, np.uint64)), distinct(np.array(contents, np.uint64)))

    def among(self, facts: NDArray[np.void]) -> NDArray[np.bool_]:
        """Which of some rows the teacher was trained on."""
        return np.isin(facts["id"], self.ids) | np.isin(facts["content"], self.contents)


def _lines(path: Path) -> list[str]:
    try:
        lines = path.read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, type(error).__name__) from error
    if not lines:
        raise _unreadable(path, "it is empty")
    return lines


def _unreadable(path: Path, what: str) -> DataError:
    return DataError(
        f"the teacher's rows cannot be read from {path} ({what})",
        "a text file with an identifier or a hash on each line",
        "correct isolate.teacher_rows, or leave it out",
    )
