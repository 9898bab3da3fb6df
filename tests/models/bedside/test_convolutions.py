from __future__ import annotations

import numpy as np
import pytest
import torch

from stillroom.models.bedside.convolutions import Shift, grid_of, standardised
from stillroom.models.bedside.network import Form
from stillroom.types import ModelError
from stillroom.types.cases import Head

HEAD = Head("classes", ("a", "b"))


def test_a_standardised_case_forgets_exposure_and_gain() -> None:
    grid = torch.rand(3, 2, 8, 8, dtype=torch.float64)
    found = standardised(grid)
    values = grid.numpy()
    mean, deviation = (of(values, axis=(2, 3), keepdims=True) for of in (np.mean, np.std))
    np.testing.assert_allclose(found, (values - mean) / np.sqrt(deviation**2 + 1e-4), rtol=1e-9)
    torch.testing.assert_close(standardised(100.0 + 50.0 * grid), found, atol=0.01, rtol=0.01)


def test_a_flat_channel_is_exactly_nothing() -> None:
    flat = torch.linspace(1.0, 9.0, 200)[:, None, None].expand(200, 1, 287)
    assert (flat - flat.mean(-1, keepdim=True)).any()  # which rounding alone does not give
    assert not standardised(flat).any()


def test_a_shifted_case_is_the_case_moved_with_zeros_where_nothing_was() -> None:
    torch.manual_seed(0)
    grid = torch.arange(1.0, 17.0).reshape(1, 1, 4, 4)
    moved = {tuple(Shift(1).train()(grid).flatten().tolist()) for _ in range(200)}
    wide = np.pad(grid[0, 0].numpy(), 1)
    expected = {tuple(wide[y : y + 4, x : x + 4].ravel()) for y in range(3) for x in range(3)}
    assert moved == expected


def test_cases_are_shifted_each_by_itself_and_never_when_asked() -> None:
    torch.manual_seed(0)
    waves = torch.arange(1.0, 9.0).repeat(50, 1, 1)
    assert len({tuple(wave.flatten().tolist()) for wave in Shift(2).train()(waves)}) == 5
    torch.testing.assert_close(Shift(2).eval()(waves), waves)


@pytest.mark.parametrize(
    "shapes",
    [{"vector": (3,)}, {"a": (8, 1), "b": (8, 8, 1)}, {"wave": (None, 1)}, {"volume": (4, 4, 4, 1)}],
)
def test_inputs_without_one_regular_grid_are_refused(shapes: dict[str, tuple[int | None, ...]]) -> None:
    with pytest.raises(ModelError, match="a convolutional network for inputs of the shapes"):
        grid_of(Form(shapes, HEAD))


def test_the_grid_is_found_among_vectors() -> None:
    assert grid_of(Form({"age": (1,), "wave": (8, 2)}, HEAD)) == "wave"
