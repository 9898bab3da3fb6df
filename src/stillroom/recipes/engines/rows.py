"""Many rows in few pieces: their tokens lie in one array, which the processes of a machine share without a copy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray

from stillroom.types import Encoded

_NO_IDS = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class JoinedRows:
    """Rows laid end to end.

    Attributes:
        ids: the tokens of all rows.
        bounds: where each row begins, and where the last one ends.
        rest: the rows without their tokens.
    """

    ids: NDArray[np.int64]
    bounds: tuple[int, ...]
    rest: tuple[Encoded, ...]

    @classmethod
    def of(cls, rows: Sequence[Encoded]) -> Self:
        """Join rows.

        >>> JoinedRows.of([Encoded(np.array([5, 6, 7]), 2), Encoded(np.array([8, 9]), 1)]).bounds
        (0, 3, 5)
        """
        bounds = np.cumsum([0, *(len(row.ids) for row in rows)]).tolist()
        ids = np.concatenate([_NO_IDS, *(row.ids for row in rows)])
        return cls(ids, tuple(bounds), tuple(replace(row, ids=_NO_IDS) for row in rows))

    def cut(self) -> list[Encoded]:
        """The rows again; their tokens are views."""
        parts = zip(self.rest, pairwise(self.bounds), strict=True)
        return [replace(row, ids=self.ids[first:last]) for row, (first, last) in parts]
