"""Dilated convolutions over the hours."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from stillroom.models.bedside.network import Form, Shown
from stillroom.models.bedside.series import SeriesNetwork
from stillroom.models.bedside.settings import TcnSettings


class Tcn(SeriesNetwork):
    """Causal convolutions whose reach doubles with every layer; the mean of the steps and the last one are read.

    Source: Bai et al. 2018 (arXiv:1803.01271), with layer normalisation.

    Raises:
        ModelError: there is no series.
    """

    def __init__(self, settings: TcnSettings, form: Form) -> None:
        super().__init__(form)
        width = settings.width
        self.enter = nn.Linear(self.course.width, width)
        self.layers = nn.ModuleList(
            _Causal(width, settings.kernel, 2**layer, settings.dropout) for layer in range(settings.layers)
        )
        self.dropout = nn.Dropout(settings.dropout)
        self.head = nn.Linear(2 * width + self.beside, len(form.head.names))

    def show(self, read: Mapping[str, Tensor]) -> Shown:
        """Show logits, the states of all steps and their pool."""
        states = self.enter(self.dropout(read["course"]))
        for layer in self.layers:
            states = layer(states)
        pooled = torch.cat([states.mean(1), states[:, -1]], -1)
        logits = self.head(self.dropout(self.joined(pooled, read)))
        return Shown(logits, {"states": states, "pooled": pooled}, {})


class _Causal(nn.Module):
    """One convolution that sees no later step, beside a way around it."""

    def __init__(self, width: int, kernel: int, dilation: int, dropout: float) -> None:
        super().__init__()
        self._before = dilation * (kernel - 1)
        self.norm, self.dropout = nn.LayerNorm(width), nn.Dropout(dropout)
        self.convolution = nn.Conv1d(width, width, kernel, dilation=dilation)

    def forward(self, states: Tensor) -> Tensor:
        """From ``(batch, time, width)`` to the same shape."""
        padded = functional.pad(self.norm(states).mT, (self._before, 0))
        added: Tensor = states + self.dropout(functional.gelu(self.convolution(padded).mT))
        return added
