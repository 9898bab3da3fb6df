"""From probabilities to decisions: thresholds are chosen on validation data and applied to the test split."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from stillroom.types import DataError, Subject
from stillroom.validate.classification.cases import Cases, cases
from stillroom.validate.classification.ranking import Ranked
from stillroom.validate.classification.recall_floor import multipliers
from stillroom.validate.classification.settings import ClassificationSettings, ThresholdSettings
from stillroom.validate.statistics.exact import trials_needed, upper_bound
from stillroom.validate.statistics.level import Array

Thresholds = Mapping[Subject, Array]
"""Of each subject: one threshold, one for each label, or what each of several classes is multiplied by."""


def choose_thresholds(
    predictions: Mapping[Subject, Any], labels: Any, settings: ClassificationSettings
) -> dict[Subject, Array]:
    """Choose every subject's thresholds on validation data.

    Args:
        predictions: as of :func:`measure_classification`, on the validation split.
        labels: of the validation split.
        settings: the classes and the rule.

    Returns:
        Shape ``(1,)`` of each subject, of many labels ``(labels,)``, of several classes with a floor of recall what
        each class is multiplied by, ``(classes,)``; nothing where classes are told apart by the highest probability
        (several classes, none of them critical).

    Raises:
        DataError: predictions or labels are not fit, a class has no item, or too few to show what the rule asks.
    """
    given = cases(predictions, labels, settings)
    if settings.threshold.rule == "recall_floor":
        floor = settings.threshold.value or 0.0
        return {who: multipliers(of, given.truth, floor) for who, of in given.probabilities.items()}
    if given.task != "multilabel" and not given.critical:
        return {}
    return {subject: np.array(_of_subject(given, subject, settings)) for subject in given.probabilities}


def choose_threshold(
    scores: Array, positive: NDArray[np.bool_], settings: ThresholdSettings, name: str = "positive"
) -> float:
    """Choose one threshold; an item is called positive where its score is at least that.

    It lies half-way between the score that the rule ends at and the next lower one.

    Args:
        scores: of validation items, shape ``(items,)``.
        positive: which of them are.
        settings: the rule.
        name: of the class, for the error.

    >>> rule = ThresholdSettings(rule="sensitivity", value=1.0)
    >>> choose_threshold(np.array([0.9, 0.6, 0.4, 0.1]), np.array([True, False, True, False]), rule)
    0.25
    """
    if settings.rule == "fixed":
        return float(settings.value or 0.0)
    if not 0 < positive.sum() < len(positive):
        raise DataError(
            f"{int(positive.sum())} of {len(positive)} validation items are {name}",
            "items with and without it",
            "choose a threshold of rule 'fixed', or give more validation data",
        )
    ranked = Ranked(scores, positive)
    hits, false = (np.r_[0.0, steps] for steps in (ranked.hits, ranked.false_alarms))
    lower = np.append(ranked.thresholds[1:], 0.0)
    limits = [np.nextafter(ranked.thresholds[0], np.inf), *(ranked.thresholds + lower) / 2]
    return float(limits[_chosen(hits, false, settings, name)])


def decide(given: Cases, subject: Subject, thresholds: Thresholds | None) -> NDArray[np.bool_]:
    """Call items by their probabilities: ``(items, classes)`` of one class each, or of labels by their thresholds.

    Of several classes the likeliest is called, after its multiplier where there are some; of two, and of labels, what
    reaches its threshold (0.5 by default).
    """
    probabilities = given.probabilities[subject]
    chosen = None if thresholds is None else thresholds.get(subject)
    if given.task == "multiclass":
        weighed = probabilities * chosen if has_multipliers(chosen, given) else probabilities
        return np.asarray(np.eye(probabilities.shape[1], dtype=bool)[weighed.argmax(axis=1)])
    limits = np.array([0.5]) if chosen is None else np.asarray(chosen, dtype=np.float64)
    if given.task == "multilabel":
        return np.asarray(probabilities >= limits)
    positive = probabilities[:, 1] >= limits[0]
    return np.stack([~positive, positive], axis=1)


def has_multipliers(chosen: Array | None, given: Cases) -> TypeGuard[Array]:
    """Whether these are multipliers of several classes, not a threshold of the critical ones."""
    return given.task == "multiclass" and chosen is not None and len(chosen) == given.truth.shape[1]


def alarms(given: Cases, subject: Subject, thresholds: Thresholds | None) -> NDArray[np.bool_]:
    """Items that are called critical: by their threshold, else because the likeliest class is one."""
    chosen = None if thresholds is None else thresholds.get(subject)
    if chosen is None or given.task != "multiclass" or has_multipliers(chosen, given):
        return np.asarray(decide(given, subject, thresholds)[:, list(given.critical)].any(axis=1))
    return np.asarray(critical_scores(given, subject) >= chosen[0])


def critical_scores(given: Cases, subject: Subject) -> Array:
    """Probability of any of the critical classes, shape ``(items,)``."""
    return np.asarray(given.probabilities[subject][:, list(given.critical)].sum(axis=1))


def is_critical(given: Cases) -> NDArray[np.bool_]:
    """Items of a critical class, shape ``(items,)``."""
    return np.asarray(given.truth[:, list(given.critical)].any(axis=1))


def _of_subject(given: Cases, subject: Subject, settings: ClassificationSettings) -> list[float]:
    """One threshold for the critical classes, or one for each label; a label without a case keeps 0.5."""
    rule = settings.threshold
    if given.task != "multilabel":
        name = "/".join(settings.classes[at] for at in given.critical)
        return [choose_threshold(critical_scores(given, subject), is_critical(given), rule, name)]
    columns = zip(given.probabilities[subject].T, given.truth.T, settings.classes, strict=True)
    return [
        choose_threshold(scores, truth, rule, name) if 0 < truth.sum() < len(truth) else 0.5
        for scores, truth, name in columns
    ]


def _chosen(hits: Array, false: Array, settings: ThresholdSettings, name: str) -> int:
    """Index of the threshold at which the rule ends."""
    positives, negatives, value = hits[-1], false[-1], settings.value or 0.0
    if settings.rule == "youden":
        return int(np.argmax(hits / positives - false / negatives))
    if settings.rule == "cost":
        return int(np.argmin(value * (positives - hits) + false))
    if settings.rule == "f1":
        return int(np.argmax(2 * hits / (positives + hits + false)))
    if settings.rule == "sensitivity":
        return int(np.argmax(hits >= value * positives - 1e-9))
    if settings.rule == "specificity":
        return int(np.flatnonzero(false <= (1 - value) * negatives + 1e-9)[-1])
    if (needed := trials_needed(value)) > positives:
        raise DataError(
            f"{int(positives)} validation items of {name}",
            f"at least {needed}: fewer cannot show a share of misses of at most {value}",
            "give more validation data, or another rule",
        )
    shown = [upper_bound(positives - found, positives) <= value for found in hits]
    return int(np.argmax(shown))
