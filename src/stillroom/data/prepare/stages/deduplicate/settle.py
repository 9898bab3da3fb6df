"""Which row is left out because of which: compared where bands meet, settled from the best row down."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from stillroom.data.prepare.likeness.ragged import Array, changes, distinct

HEADS = 8
"""Texts of a band's key that all others of the key are compared with: the best ones."""
_LOW = np.uint64(32)
Near = Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.bool_]]
Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]


def settle(
    keys: Array, ranks: NDArray[np.int64], texts: NDArray[np.int64], near: Near, rows: int
) -> NDArray[np.int64]:
    """For each rank, the rank of the row that stays in its place; its own where it stays itself.

    A row is left out if, and only if, it was found near a better row *that stays*. So of a chain A ~ B ~ C with A
    unlike C, best first, A and C stay; where B is best, B alone. Texts whose key is shared by many are compared with
    the ``HEADS`` best among them, then again without those that were left out, until none is: work grows with the
    number of texts, not with its square.

    Args:
        keys: of the texts' bands, shape ``(texts, bands)``.
        ranks: of each text's row; two texts of a row have the same.
        texts: those that are compared.
        near: judges pairs of texts.
        rows: how many ranks there are; some rows, such as those of benchmarks, have no text here.
    """
    better, worse = np.zeros(0, np.int64), np.zeros(0, np.int64)
    while True:
        stays = _greedy(better, worse, rows)
        ones, others = candidates(keys, ranks, texts[stays[ranks[texts]] == ranks[texts]])
        found = near(ones, others)
        if not found.any():
            return stays
        better = np.concatenate([better, ranks[ones[found]]])
        worse = np.concatenate([worse, ranks[others[found]]])


def candidates(keys: Array, ranks: NDArray[np.int64], texts: NDArray[np.int64]) -> Pairs:
    """Pairs of texts that share the key of a band, the better one first, each pair once."""
    texts = texts[np.argsort(ranks[texts], kind="stable")]
    pairs = [np.zeros(0, np.uint64)]
    for band in range(keys.shape[1]):
        of_band = np.asarray(keys[:, band])[texts]
        order = np.argsort(of_band, kind="stable")
        begins = changes(of_band[order])
        first = np.maximum.accumulate(np.where(begins, np.arange(len(order)), 0))
        place = np.arange(len(order)) - first
        for head in range(HEADS):
            members = np.flatnonzero(place > head)
            if not len(members):
                break
            better, worse = order[first[members] + head], order[members]
            pairs.append(better.astype(np.uint64) << _LOW | worse.astype(np.uint64))
        pairs = [distinct(np.concatenate(pairs))]
    ones, others = (pairs[0] >> _LOW).astype(np.int64), (pairs[0] & np.uint64(2**32 - 1)).astype(np.int64)
    ones, others = texts[ones], texts[others]
    apart = ranks[ones] != ranks[others]
    return ones[apart], others[apart]


def _greedy(better: NDArray[np.int64], worse: NDArray[np.int64], rows: int) -> NDArray[np.int64]:
    """Go through near pairs from the best row down, and leave out what is near a row that stays."""
    stays = np.arange(rows)
    order = np.lexsort((better, worse))
    for one, other in zip(better[order].tolist(), worse[order].tolist(), strict=True):
        if stays[one] == one and stays[other] == other:
            stays[other] = one
    return stays
