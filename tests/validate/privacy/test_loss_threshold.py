"""The loss-threshold attack finds a model that memorised, and none that did not."""

from __future__ import annotations

import numpy as np
import pytest

from stillroom.types.cases import Head
from stillroom.validate.privacy.attack import measure_attack
from stillroom.validate.privacy.loss_threshold import NAME, case_losses, loss_threshold

RANDOM = np.random.default_rng(1)
GROUPS = [str(number) for number in range(200)], [str(number) for number in range(200, 400)]


@pytest.mark.parametrize(("memory", "told"), [(0.0, False), (2.0, True)])
def test_memory_shows_and_its_absence_does_not(memory: float, told: bool) -> None:
    learned, unseen = RANDOM.exponential(size=200) / (1 + memory), RANDOM.exponential(size=200)
    found, facts = measure_attack(loss_threshold("student", learned, unseen, GROUPS), 100, 0)
    low, high = found["membership_auc", NAME, "student"].interval()
    assert (low > 0.5) == told
    assert high > 0.5
    assert "stronger attack" in str(facts[f"membership/{NAME}/student/limits"])


def test_losses_by_hand() -> None:
    classes = Head("classes", ("a", "b"))
    said = np.array([[[0.8, 0.2], [0.5, 0.5]], [[0.1, 0.9], [0.3, 0.7]]])
    truth = np.array([[0, -1], [1, 0]])
    expected = [-np.log(0.8), -(np.log(0.9) + np.log(0.3)) / 2]
    assert case_losses(said, truth, classes).tolist() == pytest.approx(expected)
    labels = case_losses(np.array([[0.9, 0.2]]), np.array([[1.0, 0.0]]), Head("labels", ("a", "b")))
    assert labels.tolist() == pytest.approx([-(np.log(0.9) + np.log(0.8)) / 2])
    values = case_losses(np.array([[1.0, 5.0]]), np.array([[3.0, np.nan]]), Head("values", ("a", "b")))
    assert values.tolist() == [4.0]


def test_a_case_of_which_nothing_is_known_has_no_loss() -> None:
    said, truth = np.array([[0.5, 0.5]]), np.array([-1])
    assert np.isnan(case_losses(said, truth, Head("classes", ("a", "b")))).all()
