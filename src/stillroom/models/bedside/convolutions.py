"""Pieces that convolutional networks over waves and images share."""

from __future__ import annotations

from math import gcd

import torch
from torch import Tensor, nn

from stillroom.models.bedside.network import Form
from stillroom.types import ModelError

Convolution = type[nn.Conv1d] | type[nn.Conv2d]
CONVOLUTIONS: dict[int, Convolution] = {1: nn.Conv1d, 2: nn.Conv2d}
"""By the number of axes of the grid: waves and images."""

_GROUPS = 8
_LEAST_VARIANCE = 1e-4


def grid_of(form: Form) -> str:
    """Name the one input that lies on a grid: a wave ``(time, channels)`` or an image ``(height, width, channels)``.

    Raises:
        ModelError: there is none, or several, or its size differs between cases.
    """
    grids = [name for name, shape in form.shapes.items() if len(shape) > 1]
    if len(grids) != 1 or None in form.shapes[grids[0]] or len(form.shapes[grids[0]]) - 1 not in CONVOLUTIONS:
        raise ModelError(
            f"a convolutional network for inputs of the shapes {dict(form.shapes)}",
            "one wave (time, channels) or image (height, width, channels) of one size, and any vectors beside it",
            "choose another network",
        )
    return grids[0]


def norm(width: int) -> nn.GroupNorm:
    """Normalise each case by itself, in groups of channels, so that no case's answer depends on the others.

    Source: Wu and He 2018 (arXiv:1803.08494).
    """
    return nn.GroupNorm(gcd(_GROUPS, width), width)


def standardised(grid: Tensor) -> Tensor:
    """Mean 0 and deviation 1 over the sites of each channel of each case, ``(batch, channels, *grid)``.

    A flat channel, such as a lead off its range, becomes exactly 0: of its rounding errors every runtime would make
    something else.
    """
    sites = tuple(range(2, grid.ndim))
    first = grid.flatten(2)[..., 0].reshape(*grid.shape[:2], *(1 for _ in sites))
    above = grid - first
    apart = above - above.mean(sites, keepdim=True)
    return apart / (apart.square().mean(sites, keepdim=True) + _LEAST_VARIANCE).sqrt()


class Shift(nn.Module):
    """Moves each case by a random number of sites along every axis, in training only; what comes in is 0.

    Args:
        most: sites, in either direction.
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def forward(self, grid: Tensor) -> Tensor:
        """Move a batch of shape ``(batch, channels, *grid)``."""
        if not self.training or not self._most:
            return grid
        sizes = grid.shape[2:]
        wide = nn.functional.pad(grid, [self._most] * (2 * len(sizes)))
        starts = torch.randint(2 * self._most + 1, (len(grid), len(sizes))).tolist()
        rows = []
        for case, at in zip(wide, starts, strict=True):
            for axis, (start, size) in enumerate(zip(at, sizes, strict=True)):
                case = case.narrow(axis + 1, start, size)
            rows.append(case)
        return torch.stack(rows)
