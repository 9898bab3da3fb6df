"""Attacks along the gradient against models whose worst case is known in closed form."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from stillroom.validate.robustness.gradient import fgsm, pgd

WEIGHTS = torch.tensor([2.0, -1.0, 0.5], dtype=torch.float64)
INPUTS = torch.tensor([[0.2, 0.4, 0.6], [0.9, 0.1, 0.5]], dtype=torch.float64)


def linear(inputs: Tensor) -> Tensor:
    return inputs @ WEIGHTS


@pytest.mark.parametrize("attack", [fgsm, pgd])
def test_a_linear_loss_rises_by_epsilon_times_the_l1_norm(attack) -> None:
    found = attack(linear, INPUTS, 0.1)
    assert (linear(found) - linear(INPUTS)).tolist() == pytest.approx([0.1 * WEIGHTS.abs().sum().item()] * 2)
    assert (found - INPUTS).abs().max() <= 0.1 + 1e-12


@pytest.mark.parametrize("attack", [fgsm, pgd])
def test_inputs_stay_within_their_range(attack) -> None:
    found = attack(linear, INPUTS, 0.5, low=0.0, high=1.0)
    assert found.min() >= 0.0
    assert found.max() <= 1.0


def test_small_steps_find_a_peak_that_one_step_jumps_over() -> None:
    def peak(inputs: Tensor) -> Tensor:
        return -((inputs - 0.25) ** 2).sum(dim=1)

    start = torch.zeros(1, 2, dtype=torch.float64)
    assert peak(fgsm(peak, start, 1.0)).item() < peak(start).item()
    assert peak(pgd(peak, start, 1.0, steps=60, step=0.02)).item() == pytest.approx(0.0, abs=2e-3)


def test_an_attack_never_helps_and_leaves_the_inputs_alone() -> None:
    def bowl(inputs: Tensor) -> Tensor:
        return -(inputs**2).sum(dim=1)

    zero = torch.zeros(3, 2, dtype=torch.float64)
    assert torch.equal(pgd(bowl, zero, 0.5), zero)
    assert not zero.requires_grad


def test_equal_seeds_attack_equally() -> None:
    def waves(inputs: Tensor) -> Tensor:
        return torch.sin(9 * inputs).sum(dim=1)

    assert torch.equal(pgd(waves, INPUTS, 0.3, seed=1), pgd(waves, INPUTS, 0.3, seed=1))
