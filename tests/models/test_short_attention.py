"""Attention of short lines: the same figures, by another kernel, where it is the quicker one."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from stillroom.models.short_attention import short_attention


def inputs(time: int, dtype: torch.dtype) -> list[Tensor]:
    generator = torch.Generator().manual_seed(3)
    drawn = [torch.randn(2, 3, time, 16, generator=generator, dtype=torch.float64) for _ in range(3)]
    return [tensor.to(dtype).requires_grad_() for tensor in drawn]


def result(tensors: list[Tensor], mask: Tensor) -> list[Tensor]:
    out = scaled_dot_product_attention(*tensors, attn_mask=mask)
    return [out.detach(), *torch.autograd.grad(out.float().square().sum(), tensors)]


def test_values_and_gradients_are_those_of_float64_within_bfloat16() -> None:
    mask = torch.ones(9, 9, dtype=torch.bool).tril()
    with short_attention(torch.zeros(2, 9), half=True):
        half = result(inputs(9, torch.bfloat16), mask)
    for found, exact in zip(half, result(inputs(9, torch.float64), mask), strict=True):
        torch.testing.assert_close(found.double(), exact, rtol=0.02, atol=0.02 * float(exact.abs().max()))


@pytest.mark.parametrize(("time", "half", "fused"), [(160, True, False), (161, True, True), (8, False, True)])
def test_only_short_lines_in_bfloat16_leave_the_fused_kernel(time: int, half: bool, fused: bool) -> None:
    with short_attention(torch.zeros(1, time), half=half):
        assert torch.backends.cuda.flash_sdp_enabled() is fused
    assert torch.backends.cuda.flash_sdp_enabled()
