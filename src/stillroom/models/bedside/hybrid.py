"""Convolutions first, attention after: a small hybrid of CNN and vision transformer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from stillroom.models.bedside.blocks import Block
from stillroom.models.bedside.convolutions import Shift, grid_of, norm, standardised
from stillroom.models.bedside.inputs import Scaler, stacked
from stillroom.models.bedside.network import BedsideNetwork, Form, Shown
from stillroom.models.bedside.separable import separable
from stillroom.models.bedside.settings import HybridSettings
from stillroom.types import ModelError
from stillroom.types.cases import Case

_GRID = "grid"


class Hybrid(BedsideNetwork):
    """Convolutions halve an image at every stage; what is left are tokens with places, read by self-attention.

    Shows ``stage1``, ``stage2``, … of shape ``(batch, channels, height, width)``, the last of them after the attention,
    and ``pooled``.

    Source: after Mehta & Rastegari 2022, MobileViT (arXiv:2110.02178), without folding.

    Raises:
        ModelError: the input is no image of one size, or there is another beside it.
    """

    def __init__(self, settings: HybridSettings, form: Form) -> None:
        super().__init__()
        self._name, self._own_scale = grid_of(form), settings.own_scale
        *sides, channels = form.shapes[self._name]
        if len(sides) != 2 or len(form.shapes) > 1:
            raise ModelError(
                f"a hybrid for inputs of the shapes {dict(form.shapes)}",
                "one image",
                "choose another network",
            )
        widths = settings.widths
        self.scaler, self.shift = Scaler(int(channels or 0)), Shift(settings.shift)
        stem = nn.Conv2d(int(channels or 0), widths[0], 3, 2, 1, bias=False)
        self.stem = nn.Sequential(stem, norm(widths[0]), nn.ReLU())
        self.stages = nn.ModuleList(
            separable(nn.Conv2d, before, width, 3, stage)
            for stage, (before, width) in enumerate(zip((widths[0], *widths), widths, strict=False))
        )
        tokens = 1
        for side in sides:
            tokens *= -(-int(side or 0) // 2 ** len(widths))
        self.places = nn.Parameter(0.02 * torch.randn(tokens, widths[-1]))
        self.layers = nn.ModuleList(
            Block(widths[-1], settings.heads, 2 * widths[-1], settings.dropout)
            for _ in range(settings.layers)
        )
        self.dropout = nn.Dropout(settings.dropout)
        self.head = nn.Linear(widths[-1], len(form.head.names))

    def fit_inputs(self, cases: Sequence[Case]) -> None:
        """Scale inputs by the training cases."""
        self.scaler.fit(stacked(cases, self._name))

    def read(self, inputs: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """The scaled image, channels first."""
        grid = self.scaler(inputs[self._name]).movedim(-1, 1)
        return {_GRID: standardised(grid) if self._own_scale else grid}

    def show(self, read: Mapping[str, Tensor]) -> Shown:
        """Show logits, the map of each stage and the mean of the tokens."""
        grid, features = self.stem(self.shift(read[_GRID])), dict[str, Tensor]()
        for number, stage in enumerate(self.stages, start=1):
            grid = stage(grid)
            features[f"stage{number}"] = grid
        tokens = grid.flatten(2).mT + self.places
        every = torch.ones(tokens.shape[:2], dtype=torch.bool, device=tokens.device)
        for layer in self.layers:
            tokens = layer(tokens, every)
        features[f"stage{len(self.stages)}"] = tokens.mT.unflatten(2, grid.shape[2:])
        pooled = tokens.mean(1)
        return Shown(self.head(self.dropout(pooled)), {**features, "pooled": pooled}, {})
