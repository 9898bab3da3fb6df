"""A running average of weights."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class MovingAverage(nn.Module):
    r"""An exponential moving average of a network's weights.

    .. math:: \theta' \leftarrow d_t\, \theta' + (1 - d_t)\, \theta, \qquad
        d_t = \min\!\big(d, \tfrac{t+1}{t+10}\big)

    with t the updates so far, so that the first steps, which know little, are soon forgotten. The averages are buffers
    of this module: a checkpoint holds them.

    Args:
        network: the student.
        decay: d in [0, 1).

    Source: Tarvainen & Valpola 2017 (arXiv:1703.01780).
    """

    updates: Tensor

    def __init__(self, network: nn.Module, decay: float) -> None:
        super().__init__()
        self._decay = decay
        self._names = {name: name.replace(".", "__") for name, _ in network.named_parameters()}
        for name, parameter in network.named_parameters():
            self.register_buffer(self._names[name], parameter.detach().clone())
        self.register_buffer("updates", torch.zeros((), dtype=torch.int64))

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        """Move towards the network's present weights."""
        count = int(self.updates)
        decay = min(self._decay, (count + 1) / (count + 10))
        for name, parameter in network.named_parameters():
            getattr(self, self._names[name]).lerp_(parameter.detach(), 1.0 - decay)
        self.updates += 1

    def weights(self) -> dict[str, Tensor]:
        """The averages by the names of the network's parameters."""
        return {name: getattr(self, kept) for name, kept in self._names.items()}
