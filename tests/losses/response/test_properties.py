"""What holds for every response loss, whatever the shape, the type and the mask."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor

from stillroom.losses import LOSSES

NAMES = [name for name, loss in LOSSES.items() if loss.family == "response"]
LABELLED = ("decoupled_kd", "equalised_odds", "nkd")
BY_GROUP = ("demographic_parity", "equalised_odds")
NEGATIVE = 2e-5  # of the largest logit: rounding of a divergence that is 0


class Case(NamedTuple):
    student: Tensor
    teacher: Tensor
    labels: Tensor
    mask: Tensor
    size: float


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Logits of any few rows and classes, in any type, from nearly equal to saturated."""
    rows = draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))
    classes = draw(st.integers(3, 9))
    dtype = draw(st.sampled_from([torch.float64, torch.float32, torch.bfloat16, torch.float16]))
    size = draw(st.sampled_from([0.01, 1.0, 10.0, 1e4]))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**16)))
    student, teacher = ((torch.rand(*rows, classes, generator=generator) - 0.5) * 2 * size for _ in range(2))
    if draw(st.booleans()):
        student = teacher.clone()
    labels = torch.randint(classes, rows, generator=generator)
    mask = torch.rand(rows, generator=generator) < draw(st.sampled_from([0.3, 0.7, 1.0]))
    return Case(student.to(dtype), teacher.to(dtype), labels, mask, size)


def compute(name: str, case: Case, student: Tensor, mask: Tensor | None) -> Tensor:
    teacher: Tensor = case.labels if name == "cross_entropy" else case.teacher
    tensors: dict[str, Any] = {"targets": case.labels} if name in LABELLED else {}
    tensors = {"targets": case.student.flip(0).detach()} if name == "regression_kd" else tensors
    if name in BY_GROUP:
        tensors["groups"] = torch.arange(case.labels.numel()).reshape(case.labels.shape) % 2
    return LOSSES[name](student, teacher, mask=mask, **tensors)


@pytest.mark.parametrize("name", NAMES)
@given(case=cases())
@settings(derandomize=True, deadline=None, database=None, max_examples=30)
def test_values_are_wide_finite_and_not_negative_and_the_mask_drops(name: str, case: Case) -> None:
    per_example = LOSSES[name].per_example
    assume(per_example or case.mask.sum() >= 2)
    whole, masked = compute(name, case, case.student, None), compute(name, case, case.student, case.mask)
    assert whole.dtype == torch.promote_types(case.student.dtype, torch.float32)
    assert whole.isfinite().all()
    assert (whole >= -NEGATIVE * max(case.size, 1.0)).all()
    if per_example:
        assert whole.shape == case.mask.shape
        torch.testing.assert_close(masked, whole[case.mask], rtol=1e-5, atol=1e-5 * case.size)

    spoiled = case.student.clone()
    spoiled[~case.mask] = torch.nan
    spoiled.requires_grad_()
    value = compute(name, case._replace(student=case.student), spoiled, case.mask)
    torch.testing.assert_close(value, masked)
    (gradient,) = torch.autograd.grad(value.sum(), spoiled)
    assert gradient.isfinite().all()
    assert (gradient[~case.mask] == 0).all()
