"""A rounded model against the one before it, with recall from scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import recall_score

from stillroom.validate.classification.parity import Parity, parity
from stillroom.validate.statistics.mcnemar import mcnemar

RANDOM = np.random.default_rng(0)
TRUTH = RANDOM.integers(3, size=300)
BEFORE = np.where(RANDOM.random(300) < 0.9, TRUTH, (TRUTH + 1) % 3)
AFTER = np.where(RANDOM.random(300) < 0.95, BEFORE, (BEFORE + 1) % 3)
NAMES = [f"patient {number}" for number in range(300)]
CLASSES = ("a", "b", "c")


def compared(after: np.ndarray, groups: list[str] = NAMES, largest_loss: float = 0.02) -> Parity:
    return parity(BEFORE, after, TRUTH, groups, CLASSES, largest_loss=largest_loss, repeats=200, seed=0)


def test_the_change_is_the_difference_of_recalls_with_an_interval() -> None:
    found = compared(AFTER)
    wanted = recall_score(TRUTH, AFTER, average=None) - recall_score(TRUTH, BEFORE, average=None)
    for name, change in zip(CLASSES, wanted, strict=True):
        value, low, high = found.recall[name]
        assert value == pytest.approx(change)
        assert low < value < high
    assert found.test == mcnemar((BEFORE == TRUTH).astype(float), (AFTER == TRUTH).astype(float))


def test_the_same_decisions_keep_parity_and_worse_ones_do_not() -> None:
    assert compared(BEFORE, largest_loss=0.0).holds
    assert not compared(AFTER).holds


def test_more_errors_break_parity_though_every_class_may_lose() -> None:
    assert not compared(AFTER, largest_loss=1.0).holds
    assert compared(TRUTH, largest_loss=0.0).holds


def test_items_of_one_patient_are_drawn_together_and_not_tested() -> None:
    shared = [f"patient {number // 30}" for number in range(300)]
    assert compared(AFTER, shared).test is None


def test_positions_without_a_truth_do_not_count() -> None:
    truth = np.array([[0, 1, -1], [1, 1, 0]])
    after = np.array([[0, 1, 1], [1, 0, 0]])
    found = parity(truth, after, truth, ["a", "b"], CLASSES, largest_loss=1.0, repeats=100, seed=0)
    assert {name: change[0] for name, change in found.recall.items()} == {
        "a": 0.0,
        "b": pytest.approx(-1 / 3),
    }
