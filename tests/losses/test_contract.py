"""Every registered loss against an oracle of independent origin and the properties it declares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from scipy.special import log_softmax, rel_entr, softmax
from torch import Tensor

from stillroom.losses import LOSSES


def oracle_cross_entropy(student: Tensor, targets: Tensor) -> np.ndarray:
    log_probs = log_softmax(student.numpy(), axis=-1)
    return np.array([-row[y] for row, y in zip(log_probs, targets.numpy(), strict=True)])


def oracle_forward_kl(student: Tensor, teacher: Tensor, temperature: float = 1.0) -> np.ndarray:
    p, q = (softmax(x.numpy() / temperature, axis=-1) for x in (teacher, student))
    return temperature**2 * rel_entr(p, q).sum(-1)


def oracle_hidden_mse(student: Tensor, teacher: Tensor) -> np.ndarray:
    s, t = student.numpy(), teacher.numpy()
    return np.array([((a - b) ** 2).sum() / (b**2).sum() for a, b in zip(s, t, strict=True)])


@dataclass(frozen=True)
class Row:
    oracle: Callable[..., np.ndarray]
    zero_at_teacher: bool
    shift_invariant: bool
    labels: bool = False
    hyper: tuple[dict[str, float], ...] = ({},)


CONTRACT = {
    "cross_entropy": Row(oracle_cross_entropy, zero_at_teacher=False, shift_invariant=True, labels=True),
    "forward_kl": Row(
        oracle_forward_kl,
        zero_at_teacher=True,
        shift_invariant=True,
        hyper=tuple({"temperature": tau} for tau in (0.5, 1.0, 4.0)),
    ),
    "hidden_mse": Row(oracle_hidden_mse, zero_at_teacher=True, shift_invariant=False),
}
CASES = [
    pytest.param(name, hyper, id=f"{name}-{hyper}") for name, row in CONTRACT.items() for hyper in row.hyper
]


def sample(name: str, rows: int = 6, width: int = 9) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(7)
    student = 3 * torch.randn(rows, width, generator=generator, dtype=torch.float64)
    if CONTRACT[name].labels:
        return student, torch.randint(width, (rows,), generator=generator)
    return student, 3 * torch.randn(rows, width, generator=generator, dtype=torch.float64)


def test_the_contract_covers_exactly_the_registry() -> None:
    assert set(CONTRACT) == set(LOSSES)


@pytest.mark.parametrize(("name", "hyper"), CASES)
class TestContract:
    def test_equals_the_oracle_per_row(self, name: str, hyper: dict[str, float]) -> None:
        student, teacher = sample(name)
        expected = CONTRACT[name].oracle(student, teacher, **hyper)
        np.testing.assert_allclose(LOSSES[name](student, teacher, **hyper).numpy(), expected, rtol=1e-10)

    def test_is_zero_at_the_teacher_and_positive_elsewhere(self, name: str, hyper: dict[str, float]) -> None:
        if not CONTRACT[name].zero_at_teacher:
            return
        student, teacher = sample(name)
        assert LOSSES[name](teacher, teacher, **hyper).abs().max() < 1e-12
        assert LOSSES[name](student, teacher, **hyper).min() > 0

    def test_ignores_a_shift_of_the_logits_exactly_if_it_says_so(
        self, name: str, hyper: dict[str, float]
    ) -> None:
        student, teacher = sample(name)
        moved = LOSSES[name](student + 5.0, teacher, **hyper)
        same = torch.allclose(moved, LOSSES[name](student, teacher, **hyper), rtol=1e-10)
        assert same == CONTRACT[name].shift_invariant

    def test_masked_rows_are_dropped_even_when_they_are_not_finite(
        self, name: str, hyper: dict[str, float]
    ) -> None:
        student, teacher = sample(name)
        mask = torch.tensor([True, False, True, True, False, True])
        spoiled = student.clone()
        spoiled[~mask] = torch.nan
        spoiled.requires_grad_()
        values = LOSSES[name](spoiled, teacher, mask=mask, **hyper)
        torch.testing.assert_close(values, LOSSES[name](student[mask], teacher[mask], **hyper))
        (grad,) = torch.autograd.grad(values.sum(), spoiled)
        assert torch.equal(grad[~mask], torch.zeros_like(grad[~mask]))

    def test_gradient_is_right_in_float64(self, name: str, hyper: dict[str, float]) -> None:
        student, teacher = sample(name)
        student.requires_grad_()
        assert torch.autograd.gradcheck(lambda x: LOSSES[name](x, teacher, **hyper), student)

    def test_bfloat16_input_is_widened_to_float32(self, name: str, hyper: dict[str, float]) -> None:
        student, teacher = sample(name)
        narrow_teacher = teacher if CONTRACT[name].labels else teacher.bfloat16()
        narrow = LOSSES[name](student.bfloat16(), narrow_teacher, **hyper)
        assert narrow.dtype == torch.float32
        wide_teacher = teacher if CONTRACT[name].labels else narrow_teacher.double()
        exact = LOSSES[name](student.bfloat16().double(), wide_teacher, **hyper)
        torch.testing.assert_close(narrow.double(), exact, rtol=1e-5, atol=1e-5)


def test_forward_kl_is_not_its_reverse() -> None:
    student, teacher = sample("forward_kl")
    loss = LOSSES["forward_kl"]
    assert not torch.allclose(loss(student, teacher), loss(teacher, student), rtol=1e-2)


def test_forward_kl_tends_to_half_the_mean_squared_logit_difference() -> None:
    student, teacher = (x - x.mean(-1, keepdim=True) for x in sample("forward_kl"))
    limit = (student - teacher).square().mean(-1) / 2
    torch.testing.assert_close(
        LOSSES["forward_kl"](student, teacher, temperature=1e4), limit, rtol=1e-3, atol=0
    )
