"""The variance of AUROC without resampling, for cases that do not depend on each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from stillroom.validate.statistics.level import LEVEL, Array


@dataclass(frozen=True, slots=True)
class Areas:
    """Areas under the curves of several classifiers on the same cases.

    Attributes:
        values: AUROC of each, shape ``(classifiers,)``.
        covariance: of these values over samples of cases, shape ``(classifiers, classifiers)``.
    """

    values: Array
    covariance: Array

    def interval(self, at: int = 0, level: float = LEVEL) -> tuple[float, float]:
        """Interval of one area, normal on the logit scale, so that it stays within [0, 1].

        An area of exactly 0 or 1 shows no variance: the interval is then that point, and says nothing.
        """
        area, deviation = float(self.values[at]), sqrt(self.covariance[at, at])
        if area in (0.0, 1.0):
            return area, area
        centre, half = log(area / (1 - area)), _z(level) * deviation / (area * (1 - area))
        return _logistic(centre - half), _logistic(centre + half)

    def difference(self, first: int, second: int, level: float = LEVEL) -> tuple[float, float, float, float]:
        """Difference first − second, its interval and the two-sided p-value of its being zero."""
        gap = float(self.values[first] - self.values[second])
        both = self.covariance
        variance = both[first, first] + both[second, second] - 2 * both[first, second]
        deviation = sqrt(max(0.0, float(variance)))
        half = _z(level) * deviation
        return gap, gap - half, gap + half, _two_sided(gap, deviation)


def delong(scores: Sequence[Array], positive: NDArray[np.bool_]) -> Areas:
    """Compute areas and their covariance from midranks, in O(n log n).

    A case's *placement* is the share of the other class that it is ranked above (positives) or below (negatives),
    ties half. Their means are the area; their covariances, over the numbers of cases, add up to its covariance.

    Args:
        scores: of each classifier, shape ``(cases,)``; higher means more likely positive.
        positive: which cases are, shape ``(cases,)``; at least two of each class.

    Source: DeLong, DeLong & Clarke-Pearson 1988, doi:10.2307/2531595; midranks by Sun & Xu 2014,
    doi:10.1109/LSP.2014.2337313.

    >>> areas = delong([np.array([0.1, 0.4, 0.35, 0.8])], np.array([False, False, True, True]))
    >>> float(areas.values[0])
    0.75
    """
    placed = [_placements(np.asarray(of), positive) for of in scores]
    above = np.atleast_2d(np.cov(np.stack([of[0] for of in placed]))) / placed[0][0].size
    below = np.atleast_2d(np.cov(np.stack([of[1] for of in placed]))) / placed[0][1].size
    return Areas(np.array([of[0].mean() for of in placed]), above + below)


def midranks(values: Array) -> Array:
    """Rank from 1; equal values share the mean of their ranks.

    >>> midranks(np.array([3.0, 1.0, 3.0]))
    array([2.5, 1. , 2.5])
    """
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[inverse], dtype=np.float64)


def _placements(scores: Array, positive: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Of positives, the share of negatives below; of negatives, the share of positives above."""
    ranks, ups, downs = midranks(scores), scores[positive], scores[~positive]
    above = (ranks[positive] - midranks(ups)) / len(downs)
    below = 1 - (ranks[~positive] - midranks(downs)) / len(ups)
    return above, below


def _two_sided(gap: float, deviation: float) -> float:
    if deviation == 0:
        return 1.0 if gap == 0 else 0.0
    return 2 * NormalDist().cdf(-abs(gap) / deviation)


def _z(level: float) -> float:
    return NormalDist().inv_cdf((1 + level) / 2)


def _logistic(x: float) -> float:
    return 1 / (1 + exp(-x))
