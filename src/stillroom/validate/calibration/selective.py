"""Leaving the unsure cases to people: how the risk falls with what is left to them, and where to draw the line."""

from __future__ import annotations

import numpy as np

from stillroom.types import GateError
from stillroom.validate.statistics.exact import upper_bound
from stillroom.validate.statistics.level import LEVEL, Array

_COVERAGES = np.arange(1, 11) / 10


class Selective:
    """Cases in the order of the model's confidence, the surest first; equal confidence is one step.

    >>> cases = Selective(np.array([0.9, 0.8, 0.6, 0.5]), np.array([0.0, 0.0, 1.0, 0.0]))
    >>> coverage, risk, _ = cases.curve()
    >>> coverage.tolist(), risk.round(2).tolist()
    ([0.25, 0.5, 0.75, 1.0], [0.0, 0.0, 0.33, 0.25])
    """

    def __init__(self, confidence: Array, wrong: Array) -> None:
        """Sort the cases.

        Args:
            confidence: shape ``(items,)``.
            wrong: 1 where the decision is wrong, else 0, shape ``(items,)``.
        """
        self._order = np.argsort(-confidence, kind="stable")
        ordered = confidence[self._order]
        self._last = np.flatnonzero(np.r_[ordered[1:] != ordered[:-1], True])
        self._wrong, self.thresholds = wrong[self._order], ordered[self._last]

    def curve(self) -> tuple[Array, Array, Array]:
        """Share of cases that are decided at each threshold, the share of wrong ones among them, and the threshold."""
        errors, decided = self._steps(np.ones((1, len(self._order))))
        return decided[0] / len(self._order), errors[0] / decided[0], self.thresholds

    def area(self, weights: Array) -> Array:
        """Area under the risk–coverage curve (AURC): mean risk over all coverages, less is better.

        Args:
            weights: how often each case was drawn, shape ``(draws, items)``.

        Source: Geifman, Uziel & El-Yaniv 2019, arXiv:1805.08206.
        """
        errors, decided = self._steps(weights)
        risk = np.divide(errors, decided, out=np.zeros_like(errors), where=decided > 0)
        return np.asarray((risk * np.diff(decided, axis=1, prepend=0)).sum(axis=1) / decided[:, -1])

    def _steps(self, weights: Array) -> tuple[Array, Array]:
        ordered = weights.take(self._order, axis=1)
        errors, decided = (np.cumsum(of, axis=1) for of in (ordered * self._wrong, ordered))
        return errors.take(self._last, axis=1), decided.take(self._last, axis=1)


def deferral_threshold(confidence: Array, wrong: Array, risk: float) -> float:
    """Choose, on validation data, the confidence below which a case is left to people.

    Of ten shares of cases that might be decided, the largest is taken whose exact bound on the share of wrong
    decisions is at most ``risk``. Each bound has a tenth of the error of 5 %, so that the choice among them is covered
    too: the risk of new cases of the population exceeds ``risk`` with a probability of at most 5 %.

    Args:
        confidence: of independent validation cases, shape ``(items,)``.
        wrong: 1 where the decision is wrong, else 0.
        risk: the share of wrong decisions that is accepted among decided cases.

    Raises:
        GateError: not even the surest tenth shows it.

    Source: Geifman & El-Yaniv 2017, arXiv:1705.08500 (there with a search by halving).
    """
    order = np.argsort(-confidence, kind="stable")
    level = 1 - (1 - LEVEL) / len(_COVERAGES)
    least = []
    for coverage in _COVERAGES[::-1]:
        limit = confidence[order[max(0, round(coverage * len(order)) - 1)]]
        decided = confidence >= limit
        least.append(upper_bound(float(wrong[decided].sum()), int(decided.sum()), level))
        if least[-1] <= risk:
            return float(limit)
    raise GateError(
        f"no share of {len(order)} validation cases shows a risk of at most {risk:g} (least bound {min(least):.3f})",
        "a share of sure cases with few enough errors",
        "give more validation data, a better model, or accept a higher risk",
    )
