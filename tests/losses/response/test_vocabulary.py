"""Which outputs may be compared, and what is done about those that may not."""

from __future__ import annotations

import pytest
import torch

from stillroom.losses import LOSSES
from stillroom.losses.response.divergence import forward_kl
from stillroom.losses.response.vocabulary import shared_vocabulary

ONE_VOCABULARY = [
    name
    for name, loss in LOSSES.items()
    if loss.family == "response" and name not in ("cross_entropy", "universal_logit")
]
READ_NO_TEACHER = {"demographic_parity", "equalised_odds"}


def test_padding_rows_of_the_output_matrix_are_not_compared() -> None:
    student, teacher = torch.randn(2, 151_936), torch.randn(2, 152_064)
    cropped = shared_vocabulary(student, teacher, size=151_665)
    expected = forward_kl(*cropped)
    student[:, 151_665:] = teacher[:, 151_665:] = 100.0
    torch.testing.assert_close(forward_kl(*shared_vocabulary(student, teacher, size=151_665)), expected)


@pytest.mark.parametrize("size", [0, 11])
def test_a_size_that_a_side_does_not_have_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match=f"size is {size} and the (student|teacher) has"):
        shared_vocabulary(torch.zeros(1, 12), torch.zeros(1, 10), size=size)


@pytest.mark.parametrize("name", ONE_VOCABULARY)
def test_unlike_classes_are_refused_and_the_fix_is_named(name: str) -> None:
    student, teacher = torch.empty(4, 151_936, device="meta"), torch.empty(4, 152_064, device="meta")
    with pytest.raises(ValueError, match=r"151936 classes and the teacher 152064.*shared_vocabulary"):
        LOSSES[name].check(student, teacher)


@pytest.mark.parametrize("name", [*sorted({*ONE_VOCABULARY} - READ_NO_TEACHER), "universal_logit"])
def test_unlike_rows_are_refused_rather_than_broadcast(name: str) -> None:
    student, teacher = torch.zeros(3, 1, 7), torch.zeros(3, 4, 7)
    with pytest.raises(ValueError, match="expected the same rows; align the tokens"):
        LOSSES[name].check(student, teacher)
    targets = torch.zeros(3, 1, dtype=torch.long)
    tensors = {"targets": targets} if name in ("decoupled_kd", "nkd") else {}
    tensors = {"targets": student} if name == "regression_kd" else tensors
    with pytest.raises(ValueError, match="expected the same rows"):
        LOSSES[name].function(student, teacher, **tensors)
