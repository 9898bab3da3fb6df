"""Figures of a ranking: areas under curves, and the best sensitivity at a specificity.

Every figure takes weights of shape ``(draws, items)``, how often each item was drawn, and returns ``(draws,)``: not a
number where a draw lacks a class.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stillroom.validate.statistics.level import Array

_MOST_POINTS = 200


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Positive and negative items of every draw down to each score that a positive item has, the highest first.

    Attributes:
        hits: positives of at least this score, shape ``(draws, scores)``.
        above: negatives of a higher score, same shape.
        upto: negatives of at least this score, same shape.
        positives: of the whole draw, shape ``(draws,)``.
        negatives: likewise.
    """

    hits: Array
    above: Array
    upto: Array
    positives: Array
    negatives: Array


class Ranked:
    """Items in the order of their scores, the highest first; equal scores are one step.

    Between two positive items no figure changes but by how many negatives there are, so draws are summed at the scores
    of positive items alone; several figures of the same weights share these sums.

    Attributes:
        thresholds: the scores, without repeats.
        hits: positive items of at least each threshold.
        false_alarms: negative ones.

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
        order = np.argsort(-scores, kind="stable")
        ordered, marks = scores[order], positive[order]
        last = np.flatnonzero(np.r_[ordered[1:] != ordered[:-1], True])
        hits = np.cumsum(marks)[last]
        false = last + 1 - hits
        gains = np.diff(hits, prepend=0) > 0
        self.thresholds: Array = ordered[last]
        self.hits, self.false_alarms = hits.astype(np.float64), false.astype(np.float64)
        self._positives, self._negatives = order[marks], order[~marks]
        self._hits, self._upto, self._above = hits[gains], false[gains], np.r_[0, false[:-1]][gains]
        self._last: tuple[Array, _Drawn] | None = None

    def roc(self) -> tuple[Array, Array]:
        """Points of the ROC curve from the origin on, false alarms and hits as shares: at most 200, evenly spaced."""
        kept = np.unique(np.linspace(0, len(self.hits) - 1, _MOST_POINTS).round().astype(int))
        x, y = (np.r_[0.0, of[kept] / of[-1]] for of in (self.false_alarms, self.hits))
        return x, y

    def auroc(self, weights: Array) -> Array:
        """Area under the ROC curve: P(positive above negative) + P(equal) / 2 (Hanley & McNeil 1982)."""
        drawn = self._drawn(weights)
        below = drawn.negatives[:, None] - (drawn.above + drawn.upto) / 2
        return _over(np.einsum("ds,ds->d", _gained(drawn), below), drawn.positives * drawn.negatives)

    def average_precision(self, weights: Array) -> Array:
        """Σ (recall gained) · precision over the thresholds, without interpolation (Davis & Goadrich 2006)."""
        drawn = self._drawn(weights)
        called = drawn.hits + drawn.upto
        precision = np.divide(drawn.hits, called, out=np.zeros_like(called), where=called > 0)
        return _over(np.einsum("ds,ds->d", _gained(drawn), precision), _positives(drawn))

    def sensitivity_at(self, specificity: float, weights: Array) -> Array:
        """Highest sensitivity of any threshold whose specificity is at least this one."""
        drawn = self._drawn(weights)
        allowed = drawn.upto <= (1 - specificity) * drawn.negatives[:, None] + 1e-9
        return _over(np.where(allowed, drawn.hits, 0).max(axis=1, initial=0), _positives(drawn))

    def false_alarms_at(self, sensitivity: float, weights: Array) -> Array:
        """Lowest share of false alarms of any threshold whose sensitivity is at least this one."""
        drawn = self._drawn(weights)
        enough = drawn.hits >= sensitivity * drawn.positives[:, None] - 1e-9
        least = np.where(enough, drawn.upto, np.inf).min(axis=1, initial=np.inf)
        return _over(least, np.where(drawn.positives > 0, drawn.negatives, 0))

    def _drawn(self, weights: Array) -> _Drawn:
        if self._last is None or self._last[0] is not weights:
            positives, negatives = _summed(weights, self._positives), _summed(weights, self._negatives)
            self._last = (
                weights,
                _Drawn(
                    positives.take(self._hits, axis=1),
                    negatives.take(self._above, axis=1),
                    negatives.take(self._upto, axis=1),
                    positives[:, -1],
                    negatives[:, -1],
                ),
            )
        return self._last[1]


def _summed(weights: Array, items: NDArray[np.intp]) -> Array:
    """Weights of the first 0, 1, 2 … of these items together, shape ``(draws, items + 1)``."""
    sums = np.zeros((len(weights), len(items) + 1))
    np.cumsum(weights.take(items, axis=1), axis=1, out=sums[:, 1:])
    return sums


def _gained(drawn: _Drawn) -> Array:
    return np.diff(drawn.hits, axis=1, prepend=0)


def _positives(drawn: _Drawn) -> Array:
    """Positive items of draws that have both classes, else 0."""
    return np.where(drawn.negatives > 0, drawn.positives, 0)


def _over(above: Array, below: Array) -> Array:
    return np.asarray(np.divide(above, below, out=np.full(below.shape, np.nan), where=below > 0))
