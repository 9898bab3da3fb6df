"""Figures of a ranking: areas under curves, and the best sensitivity at a specificity.

Every figure takes weights of shape ``(draws, items)``, how often each item was drawn, and returns ``(draws,)``: not a
number where a draw lacks a class.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stillroom.validate.statistics.level import Array


class Ranked:
    """Items in the order of their scores, the highest first; equal scores are one step.

    >>> ranked = Ranked(np.array([0.8, 0.4, 0.35, 0.1]), np.array([True, False, True, False]))
    >>> ranked.auroc(np.ones((1, 4)))
    array([0.75])
    """

    def __init__(self, scores: Array, positive: NDArray[np.bool_]) -> None:
        """Sort the items.

        Args:
            scores: higher means more likely positive, shape ``(items,)``.
            positive: which items are, shape ``(items,)``.
        """
        self._order = np.argsort(-scores, kind="stable")
        ordered = scores[self._order]
        self._starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
        self._positive = positive[self._order].astype(np.float64)
        self.thresholds: Array = ordered[self._starts]

    def steps(self, weights: Array) -> tuple[Array, Array]:
        """True and false alarms at each threshold, from the highest down, shape ``(draws, thresholds)``."""
        ordered = weights[:, self._order]
        hits = np.add.reduceat(ordered * self._positive, self._starts, axis=1)
        alarms = np.add.reduceat(ordered, self._starts, axis=1)
        return np.cumsum(hits, axis=1), np.cumsum(alarms - hits, axis=1)

    def auroc(self, weights: Array) -> Array:
        """Area under the ROC curve: P(positive above negative) + P(equal) / 2 (Hanley & McNeil 1982)."""
        hits, false = self.steps(weights)
        new = np.diff(false, axis=1, prepend=0)
        above = hits - np.diff(hits, axis=1, prepend=0) / 2
        return _over((new * above).sum(axis=1), hits[:, -1] * false[:, -1])

    def average_precision(self, weights: Array) -> Array:
        """Σ (recall gained) · precision over the thresholds, without interpolation (Davis & Goadrich 2006)."""
        hits, false = self.steps(weights)
        precision = np.divide(hits, hits + false, out=np.zeros_like(hits), where=hits + false > 0)
        gained = np.diff(hits, axis=1, prepend=0)
        return _over((gained * precision).sum(axis=1), np.where(false[:, -1] > 0, hits[:, -1], 0))

    def sensitivity_at(self, specificity: float, weights: Array) -> Array:
        """Highest sensitivity of any threshold whose specificity is at least this one."""
        hits, false = self.steps(weights)
        allowed = false <= (1 - specificity) * false[:, -1:] + 1e-9
        return _over(np.where(allowed, hits, 0).max(axis=1), np.where(false[:, -1] > 0, hits[:, -1], 0))


def _over(above: Array, below: Array) -> Array:
    return np.asarray(np.divide(above, below, out=np.full(below.shape, np.nan), where=below > 0))
