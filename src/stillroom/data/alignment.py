"""Two tokenizations of one text, joined where both have a boundary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ends = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Alignment:
    """Groups of tokens that spell the same bytes on both sides, as small as they can be.

    Group g is the tokens ``[left[g - 1], left[g])`` of the one side and ``[right[g - 1], right[g])`` of the other, the
    first group from 0.

    Attributes:
        left: index after each group's last token of the one side, shape ``(groups,)``.
        right: the same of the other side.
    """

    left: Ends
    right: Ends

    def __len__(self) -> int:
        """Count the groups."""
        return len(self.left)


def token_ends(pieces: Sequence[bytes]) -> Ends:
    """The number of bytes spelled after each token, shape ``(tokens,)``.

    >>> token_ends([b"mg", b"/", b"kg"]).tolist()
    [2, 3, 5]
    """
    return np.cumsum([len(piece) for piece in pieces], dtype=np.int64)


def align(left: Ends, right: Ends) -> Alignment:
    """Join the tokens of two sides into the smallest groups that spell the same bytes.

    A group ends at every number of bytes after which both sides have a boundary, so that none can be split further.
    A character may lie in several tokens (byte fallback). Empty tokens belong to the group before them, at the
    beginning to the first.

    Args:
        left: bytes spelled after each token of the one side, ascending, shape ``(tokens,)``.
        right: the same of the other side.

    Raises:
        ValueError: a side has no tokens, or the two sides spell different numbers of bytes.

    >>> align(np.array([1, 3, 5]), np.array([3, 4, 5]))
    Alignment(left=array([2, 3]), right=array([1, 3]))
    """
    if not len(left) or not len(right) or left[-1] != right[-1]:
        sizes = [int(side[-1]) if len(side) else 0 for side in (left, right)]
        raise ValueError(
            f"the sides spell {sizes[0]} and {sizes[1]} bytes; expected the same text on both, not empty"
        )
    cuts = np.intersect1d(left, right)
    cuts = cuts[(cuts > 0) | (cuts == left[-1])]
    return Alignment(*(np.searchsorted(side, cuts, side="right").astype(np.int64) for side in (left, right)))
