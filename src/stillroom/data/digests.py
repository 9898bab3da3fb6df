"""Which of very many texts came before: eight bytes for each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stillroom.data.hashing import digest

_FEW = 4096
"""So many wait in a Python set before they are sorted into the array."""


class DigestSet:
    """A set of texts by their digests. Two texts of 10 million are taken for one with a probability of 3 in a million.

    >>> seen = DigestSet()
    >>> [seen.add(text) for text in ("a", "b", "a")], len(seen)
    ([True, True, False], 2)
    """

    def __init__(self) -> None:
        """Begin with none."""
        self._sorted: NDArray[np.uint64] = np.zeros(0, np.uint64)
        self._newer: set[int] = set()

    def __len__(self) -> int:
        """How many different texts were added."""
        return len(self._sorted) + len(self._newer)

    def add(self, text: str) -> bool:
        """Add a text; whether it is new."""
        number = digest(text)
        at = int(np.searchsorted(self._sorted, np.uint64(number)))
        if number in self._newer or (at < len(self._sorted) and int(self._sorted[at]) == number):
            return False
        self._newer.add(number)
        if len(self._newer) >= max(_FEW, len(self._sorted) // 4):
            self.values()
        return True

    def values(self) -> NDArray[np.uint64]:
        """All digests, sorted."""
        if self._newer:
            newer = np.fromiter(self._newer, np.uint64, len(self._newer))
            self._sorted = np.sort(np.concatenate([self._sorted, newer]))
            self._newer.clear()
        return self._sorted
