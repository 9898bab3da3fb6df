"""MinHash signatures, and the keys under which texts that are alike meet."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stillroom.data.hashing import digest
from stillroom.data.prepare.likeness.bands import Bands
from stillroom.data.prepare.likeness.ragged import Ragged
from stillroom.data.prepare.likeness.shingles import windows


def signatures(lists: Ragged, permutations: int) -> NDArray[np.uint32]:
    r"""For each list, the least number of its shingles in each of many orders.

    .. math:: \min_x \; (a_i x + b_i) \bmod 2^{32},\qquad a_i \text{ odd}

    Two lists agree at a place with probability of their Jaccard similarity (Broder 1997,
    doi:10.1109/SEQUEN.1997.666900); the shingles' numbers are well mixed already, so linear orders do.

    Returns:
        Shape ``(lists, permutations)``; an empty list has the largest number everywhere.
    """
    found = np.full((permutations, len(lists)), 2**32 - 1, np.uint32)
    factors = [np.uint32(digest("factor", place) >> 32 | 1) for place in range(permutations)]
    offsets = [np.uint32(digest("offset", place) >> 32) for place in range(permutations)]
    for owners, runs in windows(lists):
        if not len(owners):
            continue
        numbers = (runs >> np.uint64(32)).astype(np.uint32)
        firsts = np.flatnonzero(np.concatenate([[True], owners[1:] != owners[:-1]]))
        which = owners[firsts]
        order = np.empty_like(numbers)
        for place, (factor, offset) in enumerate(zip(factors, offsets, strict=True)):
            np.multiply(numbers, factor, out=order)
            np.add(order, offset, out=order)
            found[place, which] = np.minimum(found[place, which], np.minimum.reduceat(order, firsts))
    return np.ascontiguousarray(found.T)


def band_keys(signatures: NDArray[np.uint32], bands: Bands, salt: str) -> NDArray[np.uint64]:
    """The key of each band of each signature.

    Args:
        signatures: shape ``(texts, permutations)``.
        bands: how they are cut.
        salt: keys of another salt never meet these.

    Returns:
        Shape ``(texts, bands.number)``.
    """
    used = signatures[:, : bands.number * bands.rows].reshape(len(signatures), bands.number, bands.rows)
    keys = np.empty((len(signatures), bands.number), np.uint64)
    keys[:] = [digest(salt, place) for place in range(bands.number)]
    for place in range(bands.rows):
        keys = (keys ^ used[:, :, place]) * np.uint64(0x9E3779B97F4A7C15)
        keys ^= keys >> np.uint64(29)
    return keys
