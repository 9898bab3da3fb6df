from __future__ import annotations

import numpy as np
import pytest

from stillroom.validate.classification.measure import measure_classification
from stillroom.validate.classification.recall_floor import multipliers
from stillroom.validate.classification.settings import ClassificationSettings, ThresholdSettings
from stillroom.validate.classification.thresholds import choose_thresholds

NAMES = ("often", "seldom", "rare")


def long_tail(items: int = 400, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of a classifier that leans to what is often, and the truth."""
    random = np.random.default_rng(seed)
    truth = random.choice(3, size=items, p=[0.8, 0.15, 0.05])
    scores = random.normal(size=(items, 3)) + 1.5 * np.eye(3)[truth] + np.log([0.8, 0.15, 0.05])
    odds = np.exp(scores)
    return odds / odds.sum(axis=1, keepdims=True), truth


def recalls(probabilities: np.ndarray, truth: np.ndarray) -> list[float]:
    decided = probabilities.argmax(axis=1)
    return [float((decided[truth == at] == at).mean()) for at in range(3)]


def test_every_class_reaches_the_floor_where_it_can_be_reached() -> None:
    found, truth = long_tail()
    assert min(recalls(found, truth)) < 0.3
    chosen = multipliers(found, np.eye(3, dtype=bool)[truth], floor=0.6)
    assert min(recalls(found * chosen, truth)) >= 0.6
    assert chosen.max() == 1.0


def test_a_floor_that_is_kept_anyway_changes_nothing() -> None:
    found, truth = long_tail()
    assert multipliers(found, np.eye(3, dtype=bool)[truth], floor=0.01).tolist() == [1.0, 1.0, 1.0]


def test_the_best_is_kept_where_no_multipliers_reach_the_floor() -> None:
    """Of two classes with equal probabilities everywhere only one can be called."""
    even = np.full((20, 2), 0.5)
    truth = np.eye(2, dtype=bool)[np.arange(20) % 2]
    chosen = multipliers(even, truth, floor=0.9)
    assert np.isfinite(chosen).all()


def test_a_class_of_fewer_than_five_items_is_not_raised() -> None:
    sure = np.tile([0.9, 0.1], (24, 1))
    assert multipliers(sure, np.eye(2, dtype=bool)[[0] * 20 + [1] * 4], floor=0.5).tolist() == [1.0, 1.0]


def test_recall_of_every_class_is_told_with_and_without_the_floor() -> None:
    settings = ClassificationSettings(
        classes=NAMES,
        bootstrap_repeats=100,
        threshold=ThresholdSettings(rule="recall_floor", value=0.6),
    )
    found, truth = long_tail()
    thresholds = choose_thresholds({"student": found}, truth, settings)
    test, labels = long_tail(seed=1)
    evidence = measure_classification(
        {"student": test}, labels, [str(at) for at in range(len(labels))], settings, thresholds=thresholds
    )
    before, after = (
        evidence.value(f"{name}/class:rare", "student") for name in ("sensitivity_likeliest", "sensitivity")
    )
    assert before.value == pytest.approx(recalls(test, labels)[2])
    assert after.value == pytest.approx(recalls(test * thresholds["student"], labels)[2])
    assert after.value > before.value
    assert (
        evidence.value("accuracy_likeliest", "student").value >= evidence.value("accuracy", "student").value
    )
    assert evidence.facts is not None
    assert evidence.facts["threshold_student/class:rare"] == pytest.approx(thresholds["student"][2])


def test_two_classes_have_a_rule_of_their_own() -> None:
    with pytest.raises(ValueError, match="take the rule sensitivity"):
        ClassificationSettings(
            classes=("well", "ill"), threshold=ThresholdSettings(rule="recall_floor", value=0.6)
        )
