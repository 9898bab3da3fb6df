"""A network that answers for every pixel of an image."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from stillroom.models.bedside.convolutions import grid_of, norm
from stillroom.models.bedside.inputs import Scaler, stacked
from stillroom.models.bedside.network import BedsideNetwork, Form, Shown
from stillroom.models.bedside.separable import separable
from stillroom.models.bedside.settings import UNetSettings
from stillroom.types import ModelError
from stillroom.types.cases import Case

_GRID, _LEAK = "grid", 0.1


class UNet(BedsideNetwork):
    """Down through levels of half the size, and up again, each level joined by what it was on the way down.

    Shows ``stage1``, ``stage2``, … on the way down and ``up1``, … on the way up, each ``(batch, channels, height,
    width)``; number 1 has the size of the image. Logits have the shape ``(batch, height, width, classes)``.

    Source: Ronneberger et al. 2015 (arXiv:1505.04597), with padding and group normalisation.

    Raises:
        ModelError: the input is no image whose sides can be halved so often.
    """

    def __init__(self, settings: UNetSettings, form: Form) -> None:
        super().__init__()
        self._name, widths = grid_of(form), settings.widths
        *sides, channels = form.shapes[self._name]
        least = 2 ** (len(widths) - 1)
        if len(sides) != 2 or any((side or 1) % least for side in sides):
            raise ModelError(
                f"a U-Net of {len(widths)} levels for an input of the shape {form.shapes[self._name]}",
                f"an image whose sides are multiples of {least}",
                "lay the images into a larger frame, or take fewer levels",
            )
        made = _separable if settings.convolution == "separable" else _full
        self.scaler = Scaler(int(channels or 0))
        self.down = nn.ModuleList(_level(made, *of) for of in pairwise((int(channels or 0), *widths)))
        self.up = nn.ModuleList(_level(made, below + width, width) for width, below in pairwise(widths))
        self.dropout = nn.Dropout2d(settings.dropout)
        self.head = nn.Conv2d(widths[0], len(form.head.names), 1)

    def fit_inputs(self, cases: Sequence[Case]) -> None:
        """Scale inputs by the training cases."""
        self.scaler.fit(stacked(cases, self._name))

    def read(self, inputs: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """The scaled image, channels first; 0 where nothing was measured."""
        return {_GRID: self.scaler(inputs[self._name]).movedim(-1, 1)}

    def show(self, read: Mapping[str, Tensor]) -> Shown:
        """Show logits of every pixel and the map of each level."""
        grid, features = read[_GRID], dict[str, Tensor]()
        for number, level in enumerate(self.down, start=1):
            grid = level(grid if number == 1 else functional.max_pool2d(grid, 2))
            features[f"stage{number}"] = grid
        grid = self.dropout(grid)
        for number in range(len(self.up), 0, -1):
            wide = functional.interpolate(grid, scale_factor=2.0)
            grid = self.up[number - 1](torch.cat([wide, features[f"stage{number}"]], 1))
            features[f"up{number}"] = grid
        return Shown(self.head(grid).movedim(1, -1), features, {})


def _level(made: Callable[[int, int], nn.Module], inward: int, outward: int) -> nn.Sequential:
    return nn.Sequential(made(inward, outward), made(outward, outward))


def _full(inward: int, outward: int) -> nn.Module:
    # Leaky, because of two channels that are normalised together one would often be 0 on every pixel.
    convolution = nn.Conv2d(inward, outward, 3, padding=1, bias=False)
    return nn.Sequential(convolution, norm(outward), nn.LeakyReLU(_LEAK))


def _separable(inward: int, outward: int) -> nn.Module:
    return separable(nn.Conv2d, inward, outward, 3, -1)
