"""Curves to draw: ROC, reliability, and the decision curve."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from stillroom.types import Curve, Subject
from stillroom.validate.calibration.binned import bin_sums, equal_mass_edges, reliability
from stillroom.validate.classification.cases import Cases
from stillroom.validate.classification.ranking import Ranked
from stillroom.validate.classification.settings import ClassificationSettings
from stillroom.validate.classification.thresholds import critical_scores, is_critical
from stillroom.validate.statistics.level import Array


def net_benefit(scores: Array, positive: NDArray[np.bool_], thresholds: Array) -> Array:
    r"""True alarms less false ones, each false one at the odds of the threshold, per item.

    .. math:: \frac{TP}{n} - \frac{FP}{n} \cdot \frac{t}{1 - t}

    To alarm always has net benefit π − (1 − π)·t/(1 − t) with prevalence π; never to alarm has 0.

    Args:
        scores: probabilities, shape ``(items,)``.
        positive: which items are.
        thresholds: probabilities t in (0, 1) at which one would act, shape ``(thresholds,)``.

    Source: Vickers & Elkin 2006, doi:10.1177/0272989X06295361.

    >>> net_benefit(np.array([0.9, 0.2]), np.array([True, False]), np.array([0.5, 0.1])).round(3)
    array([0.5  , 0.444])
    """
    called = scores[:, None] >= thresholds
    odds = thresholds / (1 - thresholds)
    return np.asarray(
        (called & positive[:, None]).mean(axis=0) - (called & ~positive[:, None]).mean(axis=0) * odds
    )


def curves_of(given: Cases, subject: Subject, settings: ClassificationSettings) -> Iterator[Curve]:
    """Draw a subject's curves; those of positive items only where both classes are there."""
    if given.task != "multilabel":
        yield _reliability(given, subject, settings.ece_bins)
    if given.critical and 0 < is_critical(given).sum() < len(given.truth):
        scores, positive = critical_scores(given, subject), is_critical(given)
        yield _roc(subject, scores, positive)
        at = np.linspace(0.01, 0.99, 99)
        benefit = net_benefit(scores, positive, at)
        yield _curve("net_benefit", subject, at, benefit, "threshold", "net benefit per item")
        always = positive.mean() - (1 - positive.mean()) * at / (1 - at)
        yield _curve(
            "net_benefit_of_alarming_always", subject, at, always, "threshold", "net benefit per item"
        )


def _reliability(given: Cases, subject: Subject, bins: int) -> Curve:
    probabilities, rows = given.probabilities[subject], np.arange(len(given.truth))
    sure, right = probabilities.max(axis=1), given.truth[rows, probabilities.argmax(axis=1)]
    x, y, weight = reliability(bin_sums(sure, right.astype(np.float64), rows, equal_mass_edges(sure, bins)))
    return Curve("reliability", subject, _plain(x), _plain(y), "confidence", "accuracy", _plain(weight))


def _roc(subject: Subject, scores: Array, positive: NDArray[np.bool_]) -> Curve:
    return _curve("roc", subject, *Ranked(scores, positive).roc(), "1 - specificity", "sensitivity")


def _curve(name: str, subject: Subject, x: Array, y: Array, x_label: str, y_label: str) -> Curve:
    return Curve(name, subject, _plain(x), _plain(y), x_label, y_label)


def _plain(values: Array) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
