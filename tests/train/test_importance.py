"""Choosing the response tokens that matter most."""

from __future__ import annotations

import math

import pytest
import torch

from stillroom.losses import DenseTeacher, TopK
from stillroom.train.importance import most_important
from stillroom.train.objective import ImportanceSettings
from stillroom.types import TrainError

EYE = torch.eye(3)
# One row for each case: sure and right, unsure, sure and wrong.
STUDENT = torch.tensor([[50.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 50.0, 0.0]])
TEACHER = DenseTeacher(torch.tensor([[50.0, 0.0, 0.0]]).expand(3, 3), EYE)


def wanted(score: str, share: float) -> ImportanceSettings:
    return ImportanceSettings.model_validate({"score": score, "share": share})


@pytest.mark.parametrize(
    ("score", "share", "kept"),
    [
        ("entropy", 0.3, [1]),
        ("divergence", 0.3, [2]),
        ("confident_wrong", 0.3, [2]),
        ("soft_or", 0.6, [1, 2]),
    ],
)
def test_each_score_keeps_what_it_is_for(score: str, share: float, kept: list[int]) -> None:
    rows, _ = most_important(STUDENT, EYE, TEACHER, [3], wanted(score, share))
    assert rows.tolist() == kept


def test_the_choice_is_made_within_each_example() -> None:
    together, _ = most_important(STUDENT.repeat(2, 1), EYE, None, [3, 3], wanted("entropy", 0.3))
    assert together.tolist() == [1, 4]


@pytest.mark.parametrize("share", [0.01, 0.5, 0.99])
def test_the_weights_of_an_example_sum_to_its_tokens(share: float) -> None:
    rows, weights = most_important(torch.randn(7, 3), EYE, None, [5, 2], wanted("entropy", share))
    first = rows < 5
    assert float(weights[first].sum()) == pytest.approx(5)
    assert float(weights[~first].sum()) == pytest.approx(2)
    assert int(first.sum()) == math.ceil(share * 5)


def test_a_comparison_needs_the_whole_distribution() -> None:
    with pytest.raises(TrainError, match="'entropy'"):
        most_important(STUDENT, EYE, TopK.of(STUDENT, 1), [3], wanted("soft_or", 0.5))
