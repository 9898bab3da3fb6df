"""Convolutional classifiers of waves and images: stages of blocks, which each network makes in its own way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn

from stillroom.models.bedside.convolutions import (
    CONVOLUTIONS,
    Convolution,
    Shift,
    grid_of,
    norm,
    standardised,
)
from stillroom.models.bedside.inputs import Flat, Scaler, stacked
from stillroom.models.bedside.network import BedsideNetwork, Form, Shown
from stillroom.models.bedside.settings import ConvolutionalSettings
from stillroom.types.cases import Case

Block = Callable[[Convolution, int, int, int, int], nn.Module]
"""Makes a block: convolution, channels in, channels out, kernel, number of its stage from 0 (of a later block −1)."""

_GRID, _BESIDE = "grid", "beside"


class Staged(BedsideNetwork):
    """A stem, stages of blocks, the mean over the grid, and a linear head.

    Vectors that come beside the grid are scaled and join the means. Shows ``stage1``, ``stage2``, …, of an image
    ``(batch, channels, height, width)``, of a wave ``(batch, time, channels)``, and ``pooled``.
    """

    def __init__(self, settings: ConvolutionalSettings, form: Form, block: Block) -> None:
        super().__init__()
        self._name = grid_of(form)
        *sizes, channels = form.shapes[self._name]
        self._axes, self._own_scale = len(sizes), settings.own_scale
        convolution, widths = CONVOLUTIONS[len(sizes)], settings.widths
        self.scaler = Scaler(int(channels or 0))
        vectors = {name: shape for name, shape in form.shapes.items() if name != self._name}
        self.beside = Flat(vectors) if vectors else None
        self.shift = Shift(settings.shift)
        stem = convolution(
            int(channels or 0),
            widths[0],
            settings.kernel,
            settings.stem_stride,
            settings.kernel // 2,
            bias=False,
        )
        self.stem = nn.Sequential(stem, norm(widths[0]), nn.ReLU())
        self.stages = nn.ModuleList()
        for stage, (before, width) in enumerate(zip((widths[0], *widths), widths, strict=False)):
            more = [block(convolution, width, width, settings.kernel, -1) for _ in range(settings.blocks - 1)]
            self.stages.append(
                nn.Sequential(block(convolution, before, width, settings.kernel, stage), *more)
            )
        self.dropout = nn.Dropout(settings.dropout)
        self.head = nn.Linear(widths[-1] + (self.beside.width if self.beside else 0), len(form.head.names))

    def fit_inputs(self, cases: Sequence[Case]) -> None:
        """Scale inputs by the training cases."""
        self.scaler.fit(stacked(cases, self._name))
        if self.beside is not None:
            self.beside.fit(cases)

    def read(self, inputs: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """The scaled grid, channels first, and the scaled vectors."""
        grid = self.scaler(inputs[self._name]).movedim(-1, 1)
        read = {_GRID: standardised(grid) if self._own_scale else grid}
        if self.beside is not None:
            read[_BESIDE] = self.beside({name: inputs[name] for name in self.beside.names})
        return read

    def show(self, read: Mapping[str, Tensor]) -> Shown:
        """Show logits, the map of each stage and their last means."""
        grid = self.stem(self.shift(read[_GRID]))
        features: dict[str, Tensor] = {}
        for number, stage in enumerate(self.stages, start=1):
            grid = stage(grid)
            features[f"stage{number}"] = grid.mT if self._axes == 1 else grid
        pooled = grid.flatten(2).mean(-1)
        joined = torch.cat([pooled, read[_BESIDE]], -1) if _BESIDE in read else pooled
        return Shown(self.head(self.dropout(joined)), {**features, "pooled": pooled}, {})
