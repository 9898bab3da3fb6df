"""The share of shingles that two texts have in common."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from stillroom.data.prepare.likeness.ragged import starts_of
from stillroom.data.prepare.likeness.shingles import Sets

_MEMBERS_AT_A_TIME = 2**21
_ROW = np.uint64(32)


def jaccard(
    one: Sets, ones: NDArray[np.int64], other: Sets, others: NDArray[np.int64]
) -> NDArray[np.float64]:
    r"""Jaccard similarity of pairs of sets.

    .. math:: \frac{|A \cap B|}{|A \cup B|}

    Exact where both sets are whole (but for shingles of the same 32-bit number, n²/2³³ of them in n). Where one is a
    sample, what both would have kept is compared: an even sample of the union, so the standard deviation is
    :math:`\sqrt{J(1-J)/k}` with k members.

    Args:
        one: sets that the first of each pair is taken from.
        ones: its place there, shape ``(pairs,)``.
        other: sets that the second is taken from.
        others: its place there, shape ``(pairs,)``.

    Returns:
        Shape ``(pairs,)``, in [0, 1]; two empty sets are equal.
    """
    sizes = one.members.lengths[ones] + other.members.lengths[others]
    found = np.empty(len(ones))
    for start, end in _blocks(sizes):
        found[start:end] = _jaccard(one.take(ones[start:end]), other.take(others[start:end]))
    return found


def _jaccard(one: Sets, other: Sets) -> NDArray[np.float64]:
    limits = np.minimum(one.limits, other.limits)
    keys = np.concatenate([_keys(one, limits), _keys(other, limits)])
    keys.sort()
    twice = keys[1:][keys[1:] == keys[:-1]] >> _ROW
    pairs = len(limits)
    common = np.bincount(twice.astype(np.int64), minlength=pairs)
    union = np.bincount((keys >> _ROW).astype(np.int64), minlength=pairs) - common
    return np.where(union > 0, common / np.maximum(union, 1), 1.0)


def _keys(sets: Sets, limits: NDArray[np.uint32]) -> NDArray[np.uint64]:
    owners = sets.members.owners()
    kept = sets.members.values <= limits[owners]
    return owners[kept].astype(np.uint64) << _ROW | sets.members.values[kept]


def _blocks(sizes: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Cut pairs into runs of not too many members, each of at least one pair."""
    ends = starts_of(sizes)
    cuts = [0]
    while cuts[-1] < len(sizes):
        reach = int(np.searchsorted(ends, ends[cuts[-1]] + _MEMBERS_AT_A_TIME, side="right")) - 1
        cuts.append(min(len(sizes), max(reach, cuts[-1] + 1)))
    return list(pairwise(cuts))
