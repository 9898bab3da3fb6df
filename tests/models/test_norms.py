"""Scaling a norm, whichever way its weight is meant."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from models.families import FAMILIES, network
from stillroom.models.decoder import final_norm
from stillroom.models.norms import scale_norm
from stillroom.types import ModelError


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("factor", [0.4, torch.linspace(0.5, 3.0, 32)])
def test_the_output_is_multiplied(family: str, factor: torch.Tensor | float) -> None:
    norm = final_norm(network(family))
    states = torch.randn(5, 32)
    before = norm(states)
    scale_norm(norm, factor)
    torch.testing.assert_close(norm(states), before * factor)


def test_a_layer_norm_s_bias_is_scaled_with_it() -> None:
    norm = nn.LayerNorm(8)
    nn.init.constant_(norm.bias, 2.0)
    states = torch.randn(3, 8)
    before = norm(states)
    scale_norm(norm, 0.5)
    torch.testing.assert_close(norm(states), before / 2)


def test_a_norm_of_another_kind_is_refused() -> None:
    class Squared(nn.LayerNorm):
        def forward(self, input: torch.Tensor) -> torch.Tensor:
            return input * self.weight**2

    with pytest.raises(ModelError, match="a final norm of type Squared"):
        scale_norm(Squared(4, bias=False), 3.0)
