"""The student's own past as its teacher."""

from __future__ import annotations

import copy
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.func import functional_call

from stillroom.models.bedside.network import BedsideNetwork, Shown


class Average(nn.Module):
    r"""An exponential moving average of a network's weights, which answers without dropout.

    .. math:: \theta' \leftarrow d_t\, \theta' + (1 - d_t)\, \theta, \qquad
        d_t = \min\!\big(d, \tfrac{t+1}{t+10}\big)

    The averages are buffers of this module: a checkpoint holds them.

    Args:
        network: the student.
        decay: d in [0, 1).

    Source: Tarvainen & Valpola 2017 (arXiv:1703.01780).
    """

    updates: Tensor

    def __init__(self, network: BedsideNetwork, decay: float) -> None:
        super().__init__()
        self._decay = decay
        # In a tuple it is no module of this one: its weights are neither trained nor kept.
        self._skeleton = (copy.deepcopy(network).eval(),)
        self._names = {name: name.replace(".", "__") for name, _ in network.named_parameters()}
        for name, parameter in network.named_parameters():
            self.register_buffer(self._names[name], parameter.detach().clone())
        self.register_buffer("updates", torch.zeros((), dtype=torch.int64))

    @torch.no_grad()
    def update(self, network: BedsideNetwork) -> None:
        """Move towards the network's present weights."""
        count = int(self.updates)
        decay = min(self._decay, (count + 1) / (count + 10))
        for name, parameter in network.named_parameters():
            getattr(self, self._names[name]).lerp_(parameter.detach(), 1.0 - decay)
        self.updates += 1

    @torch.no_grad()
    def shows(self, network: BedsideNetwork, read: Mapping[str, Tensor]) -> Shown:
        """What the averaged network makes of a batch that was read; its buffers are the present network's."""
        weights = {name: getattr(self, kept) for name, kept in self._names.items()}
        weights |= dict(network.named_buffers())
        shown: Shown = functional_call(self._skeleton[0], weights, (read,), {"already_read": True})
        return shown
