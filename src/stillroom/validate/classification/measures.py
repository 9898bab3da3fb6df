"""Every figure of one classifier, as measures that share one draw of groups."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from stillroom.types import Subject
from stillroom.validate.classification.cases import Cases
from stillroom.validate.classification.confusion import counts, f1, matrix_columns, matthews, mean_recall
from stillroom.validate.classification.probabilities import (
    binned,
    brier_parts,
    brier_scores,
    calibration,
    certainty,
    log_losses,
    mean,
)
from stillroom.validate.classification.ranking import Ranked
from stillroom.validate.classification.settings import ClassificationSettings
from stillroom.validate.classification.thresholds import (
    Thresholds,
    alarms,
    critical_scores,
    decide,
    has_multipliers,
    is_critical,
)
from stillroom.validate.statistics.level import Array
from stillroom.validate.statistics.measures import Draw, Measure, Summed, Weighed
from stillroom.validate.statistics.newcombe import auroc_interval

Marks = NDArray[np.bool_]

MACRO = {"auroc": "auroc", "auprc": "auprc", "f1": "f1_macro", "ece_classwise": "ece_classwise"}
"""Figures of classes whose mean is a figure of the whole, and its name."""

_RATES = {
    "sensitivity": ([0], [0, 2]),
    "fnr": ([2], [0, 2]),
    "specificity": ([3], [1, 3]),
    "fpr": ([1], [1, 3]),
    "ppv": ([0], [0, 1]),
    "npv": ([3], [2, 3]),
    "alarm_rate": ([0, 1], [0, 1, 2, 3]),
}
"""Events and trials of each rate, as columns TP, FP, FN, TN."""


def measures_of(
    given: Cases, subject: Subject, settings: ClassificationSettings, thresholds: Thresholds | None
) -> Iterator[Measure]:
    """List the figures of a subject: of the whole, and of each class or label where there are more than two."""
    yield from measures_of_whole(given, subject, settings, thresholds)
    if given.task != "binary":
        decided = decide(given, subject, thresholds)
        for at, name in enumerate(settings.classes):
            columns = given.probabilities[subject][:, at], given.truth[:, at], decided[:, at]
            yield from _of_class(*columns, settings, f"class:{name}")
    if has_multipliers(None if thresholds is None else thresholds.get(subject), given):
        yield from _before_floor(given, subject, settings)


def measures_of_whole(
    given: Cases, subject: Subject, settings: ClassificationSettings, thresholds: Thresholds | None
) -> Iterator[Measure]:
    """List the figures of a subject that speak of no one class or label."""
    yield from _of_all(given, subject, decide(given, subject, thresholds), settings)
    if given.critical:
        called = alarms(given, subject, thresholds)
        yield from _detection(critical_scores(given, subject), is_critical(given), called, settings)


def _of_all(
    given: Cases, subject: Subject, decided: Marks, settings: ClassificationSettings
) -> Iterator[Measure]:
    probabilities, truth, ones = given.probabilities[subject], given.truth, np.ones(len(given.truth))
    labels = given.task == "multilabel"
    right = (decided == truth).all(axis=1).astype(np.float64)
    yield Summed("accuracy", np.stack([right, ones], axis=1))
    yield mean("log_loss", log_losses(probabilities, truth, labels=labels))
    yield mean("brier_score", brier_scores(probabilities, truth, halve=given.task != "multiclass"))
    yield Summed("f1_micro", _over_columns(truth, decided), f1, "share")
    if labels:
        return
    likeliest = probabilities.max(axis=1), truth[np.arange(len(truth)), probabilities.argmax(axis=1)]
    yield calibration(binned(*likeliest, settings.ece_bins), "ece")
    yield from certainty(probabilities, truth)
    cells = matrix_columns(truth.argmax(axis=1), decided.argmax(axis=1), truth.shape[1])
    yield Summed("balanced_accuracy", cells, mean_recall, "share", _rarest(truth))
    yield Summed("mcc", cells, matthews, "free")
    if given.task == "binary":
        positive = binned(probabilities[:, 1], truth[:, 1], settings.ece_bins)
        yield calibration(positive, "ece_classwise")
        yield from brier_parts(positive)


def _before_floor(given: Cases, subject: Subject, settings: ClassificationSettings) -> Iterator[Measure]:
    """What the likeliest class, without multipliers, would have found."""
    plain = decide(given, subject, None)
    right = (plain & given.truth).astype(np.float64)
    yield Summed("accuracy_likeliest", np.stack([right.sum(axis=1), np.ones(len(right))], axis=1))
    for at, name in enumerate(settings.classes):
        columns = np.stack([right[:, at], given.truth[:, at].astype(np.float64)], axis=1)
        yield Summed("sensitivity_likeliest", columns, part=f"class:{name}")


def _of_class(
    scores: Array, truth: Marks, decided: Marks, settings: ClassificationSettings, part: str
) -> Iterator[Measure]:
    yield from _detection(scores, truth, decided, settings, part)
    yield calibration(binned(scores, truth, settings.ece_bins), "ece_classwise", part)


def _detection(
    scores: Array, truth: Marks, decided: Marks, settings: ClassificationSettings, part: str = ""
) -> Iterator[Measure]:
    """Figures of telling positive items from the others."""
    cells, rarest = counts(truth, decided), truth if truth.mean() <= 0.5 else ~truth
    for name, (events, trials) in _RATES.items():
        columns = [cells[:, events].sum(axis=1), cells[:, trials].sum(axis=1)]
        yield Summed(name, np.stack(columns, axis=1), part=part)
    yield Summed("f1", cells, f1, "share", truth, part)
    if not 0 < truth.sum() < len(truth):
        return
    ranked = Ranked(scores, truth)
    yield Weighed("auroc", ranked.auroc, rarest, part, partial(_area_interval, truth))
    yield Weighed("auprc", ranked.average_precision, rarest, part)
    at_specificity = partial(ranked.sensitivity_at, settings.specificity)
    yield Weighed("sensitivity_at_specificity", at_specificity, rarest, part)


def _area_interval(truth: Marks, area: float, draw: Draw) -> tuple[float, float]:
    return auroc_interval(area, draw.holding(truth), draw.holding(~truth))


def _over_columns(truth: Marks, decided: Marks) -> Array:
    """TP, FP, FN of each item, summed over classes or labels."""
    both = [truth & decided, ~truth & decided, truth & ~decided]
    return np.stack([marks.sum(axis=1) for marks in both], axis=1).astype(np.float64)


def _rarest(truth: Marks) -> Marks:
    """Items of the rarest class that there is."""
    sizes = truth.sum(axis=0)
    return np.asarray(truth[:, np.where(sizes > 0, sizes, len(truth) + 1).argmin()])
