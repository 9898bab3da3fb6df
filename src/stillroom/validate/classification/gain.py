"""What a calibrator brings on the test split: figures before it, and the paired difference that it makes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stillroom.types import Metric, Split, Subject
from stillroom.validate.classification.cases import cases, within
from stillroom.validate.classification.measures import measures_of_whole
from stillroom.validate.classification.settings import ClassificationSettings
from stillroom.validate.comparison import Found, estimate_parts, to_metric
from stillroom.validate.predicted import BEFORE, RECALIBRATED
from stillroom.validate.seeds import over_seeds
from stillroom.validate.statistics.measures import Measure

Answers = NDArray[Any]


def measure_recalibration(
    before: Sequence[Answers],
    after: Sequence[Answers],
    labels: Any,
    groups: Sequence[str],
    settings: ClassificationSettings,
    *,
    split: Split = "test",
) -> list[Metric]:
    """Measure calibration errors, log loss and Brier score before the calibrator, and after minus before.

    Args:
        before: what the bundle of each training answers without its calibrator, as of ``measure_classification``.
        after: with it, on the same items.
        labels: what is true.
        groups: patient of each item.
        settings: the classes, bins, repeats and seed.
        split: the split's name.

    Returns:
        ``ece_uncalibrated`` and ``ece_minus_uncalibrated`` and the like, of the bundle: means over trainings.

    >>> settings = ClassificationSettings(classes=("well", "ill"), bootstrap_repeats=100)
    >>> found = measure_recalibration([[0.9, 0.1]], [[0.6, 0.4]], [1, 0], ["a", "b"], settings)
    >>> [(metric.name, round(metric.value, 2)) for metric in found][:2]
    [('log_loss_uncalibrated', 0.11), ('log_loss_minus_uncalibrated', 0.41)]
    """
    founds = [
        _told(*(_estimated(said, labels, groups, settings) for said in pair))
        for pair in zip(before, after, strict=True)
    ]
    return [to_metric(key, estimate, split) for key, estimate in over_seeds(founds, settings.seed).items()]


def _estimated(said: Answers, labels: Any, groups: Sequence[str], settings: ClassificationSettings) -> Found:
    given = cases({"bundle": said}, labels, settings)

    def measures(inside: NDArray[np.bool_], subject: Subject) -> Iterable[Measure]:
        found = measures_of_whole(within(given, inside), subject, settings, None)
        return (measure for measure in found if measure.name in RECALIBRATED)

    whole = {"": np.ones(len(given.truth), dtype=bool)}
    subjects: tuple[Subject, ...] = ("bundle",)
    return estimate_parts(measures, subjects, groups, whole, settings.bootstrap_repeats, settings.seed)


def _told(before: Found, after: Found) -> Found:
    found: Found = {}
    for (name, part, subject), estimate in before.items():
        found[f"{name}{BEFORE}", part, subject] = estimate
        found[f"{name}_minus{BEFORE}", part, subject] = after[name, part, subject] - estimate
    return found
