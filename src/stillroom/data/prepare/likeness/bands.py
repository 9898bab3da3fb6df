"""How a MinHash signature is cut into bands, so that what is near meets and what is not seldom does."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

_POINTS = 2000
MISSED_WEIGHT = 0.99


class Bands(NamedTuple):
    """A cut of a signature.

    Attributes:
        number: b, how many bands.
        rows: r, numbers in a band.
    """

    number: int
    rows: int

    def meeting(self, similarity: float) -> float:
        """Probability that two sets of a Jaccard similarity s share a band: 1 − (1 − sʳ)ᵇ.

        >>> round(Bands(20, 5).meeting(0.8), 4)
        0.9996
        """
        return float(1 - (1 - similarity**self.rows) ** self.number)


@lru_cache(maxsize=64)
def choose_bands(permutations: int, threshold: float, missed_weight: float = MISSED_WEIGHT) -> Bands:
    r"""Choose b and r with b·r ≤ ``permutations`` so that the weighted error integral is least.

    .. math:: (1-w) \int_0^t P(s)\,ds + w \int_t^1 (1 - P(s))\,ds,\qquad P(s) = 1 - (1 - s^r)^b

    Pairs that meet are compared exactly, so one met in vain costs a comparison while one missed stays in the corpus:
    w is near 1.

    Source: Zhu et al. 2016, doi:10.14778/2994509.2994534; Leskovec, Rajaraman, Ullman, Mining of Massive Datasets, 3.4.

    >>> choose_bands(128, 0.8)
    Bands(number=18, rows=7)
    """
    pairs = [Bands(permutations // rows, rows) for rows in range(1, permutations + 1)]
    return min(pairs, key=lambda bands: _error(bands, threshold, missed_weight))


def _error(bands: Bands, threshold: float, missed_weight: float) -> float:
    below = (np.arange(_POINTS) + 0.5) / _POINTS * threshold
    above = threshold + (np.arange(_POINTS) + 0.5) / _POINTS * (1 - threshold)
    met = (1 - (1 - below**bands.rows) ** bands.number).mean() * threshold
    missed = ((1 - above**bands.rows) ** bands.number).mean() * (1 - threshold)
    return float((1 - missed_weight) * met + missed_weight * missed)
