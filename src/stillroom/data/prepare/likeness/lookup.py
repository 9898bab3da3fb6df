"""Finding many numbers among many others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from stillroom.data.prepare.likeness.ragged import changes, starts_of


@dataclass(frozen=True)
class Lookup:
    """Numbers, each with a value.

    Attributes:
        keys: the numbers, in rising order; some more than once.
        values: what each stands for.
    """

    keys: NDArray[np.uint64]
    values: NDArray[np.int64]

    @classmethod
    def of(cls, keys: NDArray[np.uint64], values: NDArray[np.int64]) -> Self:
        """Put numbers in order."""
        order = np.argsort(keys, kind="stable")
        return cls(keys[order], values[order])

    def without_common(self, most: int) -> Lookup:
        """Leave out every number that stands there more than ``most`` times.

        >>> Lookup.of(np.array([7, 5, 7], np.uint64), np.arange(3)).without_common(1).keys.tolist()
        [5]
        """
        begins = np.flatnonzero(changes(self.keys))
        counts = np.diff(np.append(begins, len(self.keys)))
        rare = np.repeat(counts <= most, counts)
        return Lookup(self.keys[rare], self.values[rare])

    def at_most(self, most: int) -> Lookup:
        """Keep the first ``most`` places of every number.

        >>> Lookup.of(np.array([7, 5, 7], np.uint64), np.arange(3)).at_most(1).values.tolist()
        [1, 0]
        """
        begins = np.flatnonzero(changes(self.keys))
        counts = np.diff(np.append(begins, len(self.keys)))
        kept = np.arange(len(self.keys)) - np.repeat(begins, counts) < most
        return Lookup(self.keys[kept], self.values[kept])

    def find(self, wanted: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Every place in ``wanted`` with every place in ``keys`` that holds the same number.

        >>> found = Lookup.of(np.array([7, 5, 7], np.uint64), np.arange(3)).find(np.array([1, 7], np.uint64))
        >>> [places.tolist() for places in found]
        [[1, 1], [1, 2]]
        """
        first = np.searchsorted(self.keys, wanted, side="left")
        counts = np.searchsorted(self.keys, wanted, side="right") - first
        places = np.repeat(np.arange(len(wanted)), counts)
        within = np.arange(len(places)) - np.repeat(starts_of(counts)[:-1], counts)
        return places, first[places] + within
