"""Held matrices: what they multiply with, what they weigh, and what they let through on the way back."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from stillroom.models.quantised import HeldEmbedding, HeldLinear, HeldMatrix, count_parameters, held_bytes
from stillroom.models.quantised_nf4 import Nf4Matrix
from stillroom.models.quantised_plain import Bfloat16Matrix, Int8Matrix

ROWS, COLUMNS = 48, 128
FORMATS = [Bfloat16Matrix, Int8Matrix, Nf4Matrix]


def matrix() -> torch.Tensor:
    torch.manual_seed(0)
    return torch.randn(ROWS, COLUMNS) * torch.logspace(-2, 1, ROWS)[:, None]


def held(kind: type, exact: torch.Tensor | None = None) -> HeldMatrix:
    if kind is Nf4Matrix:
        pytest.importorskip("bitsandbytes")
    made: HeldMatrix = kind.of(matrix() if exact is None else exact)
    return made


def test_bfloat16_moves_no_weight_by_more_than_its_last_bit() -> None:
    exact = matrix()
    assert ((held(Bfloat16Matrix).dense() - exact).abs() <= exact.abs() * 2**-8).all()


def test_int8_is_the_nearest_of_255_values_of_its_row() -> None:
    exact = matrix().double()
    scales = exact.abs().amax(1, keepdim=True) / 127
    expected = (exact / scales).round() * scales
    torch.testing.assert_close(held(Int8Matrix).dense().double(), expected, rtol=1e-6, atol=1e-9)


def test_int8_of_a_row_of_zeros_is_zeros() -> None:
    assert not Int8Matrix.of(torch.zeros(2, 3)).dense().any()


@pytest.mark.parametrize("shape", [(ROWS, COLUMNS), (32, 32), (64, 16), (5, 48), (7, 100), (9, 33)])
def test_nf4_values_are_the_published_quantiles_times_a_scale_of_64_weights(shape: tuple[int, int]) -> None:
    """Dettmers et al. 2023, appendix E; blocks run on from row to row.

    Double quantisation moves a scale by less than a hundredth of the largest.
    """
    below = (-1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635)
    near = (-0.18477343022823334, -0.09105003625154495, 0.0, 0.07958029955625534, 0.16093020141124725)
    above = (0.24611230194568634, 0.33791524171829224, 0.44070982933044434, 0.5626170039176941)
    last = (0.7229568362236023, 1.0)
    published = torch.tensor((*below, *near, *above, *last), dtype=torch.float64)
    exact = matrix().view(-1)[: shape[0] * shape[1]].view(shape)
    blocks = nn.functional.pad(exact.double().view(-1), (0, -exact.numel() % 64)).view(-1, 64)
    scales = blocks.abs().amax(1, keepdim=True)
    nearest = ((blocks / scales)[..., None] - published).abs().argmin(-1)
    expected = (published[nearest] * scales).view(-1)[: exact.numel()].view(shape)
    error = held(Nf4Matrix, exact).dense().double() - expected
    assert error.abs().max() < 0.01 * scales.max()


@pytest.mark.parametrize(("kind", "bits"), [(Bfloat16Matrix, 16), (Int8Matrix, 8), (Nf4Matrix, 4)])
def test_a_matrix_takes_the_bits_that_its_format_promises(kind: type, bits: int) -> None:
    big = held(kind, torch.randn(512, 1024))
    assert bits <= 8 * held_bytes(big) / (512 * 1024) < bits * 1.04


@pytest.mark.parametrize("kind", FORMATS)
def test_a_layer_multiplies_with_its_dequantised_matrix_both_ways(kind: type) -> None:
    layer = HeldLinear(held(kind), torch.ones(ROWS))
    inputs = torch.randn(2, 5, COLUMNS, requires_grad=True)
    exact = inputs.detach().double().requires_grad_()
    expected = exact @ layer.weight.double().T + 1
    torch.testing.assert_close(layer(inputs).double(), expected, rtol=1e-5, atol=1e-4)
    layer(inputs).square().sum().backward()
    expected.square().sum().backward()
    assert inputs.grad is not None
    torch.testing.assert_close(inputs.grad.double(), exact.grad, rtol=1e-4, atol=1e-2)
    assert all(parameter.grad is None for parameter in layer.parameters())


def test_nothing_dense_is_kept_for_the_way_back() -> None:
    saved: list[int] = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: saved.append(t.numel()) or t, lambda t: t):
        HeldLinear(held(Int8Matrix))(torch.randn(1, COLUMNS, requires_grad=True))
    assert ROWS * COLUMNS not in saved


def test_autocast_decides_the_format_of_the_product() -> None:
    layer = HeldLinear(held(Int8Matrix))
    with torch.autocast("cpu", torch.bfloat16):
        assert layer(torch.randn(2, COLUMNS)).dtype == torch.bfloat16
    assert layer(torch.randn(2, COLUMNS)).dtype == torch.float32


@pytest.mark.parametrize("kind", FORMATS)
def test_an_embedding_looks_up_rows_of_the_dequantised_matrix_times_its_scale(kind: type) -> None:
    embedding = HeldEmbedding(held(kind), scale=3.0)
    ids = torch.tensor([[0, 5], [47, 0]])
    torch.testing.assert_close(embedding(ids), embedding.weight[ids] * 3.0, rtol=0, atol=0)


def test_tied_matrices_are_counted_and_weighed_once() -> None:
    tied = held(Int8Matrix)
    network = nn.Sequential(HeldEmbedding(tied), HeldLinear(tied, torch.zeros(ROWS)))
    assert count_parameters(network) == ROWS * COLUMNS + ROWS
    assert held_bytes(network) == ROWS * COLUMNS + 4 * ROWS + 4 * ROWS
