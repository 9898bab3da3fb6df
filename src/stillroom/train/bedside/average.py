"""The student's own past as its teacher."""

from __future__ import annotations

import copy
from collections.abc import Mapping

import torch
from torch import Tensor
from torch.func import functional_call

from stillroom.models.bedside.network import BedsideNetwork, Shown
from stillroom.train.moving_average import MovingAverage


class Average(MovingAverage):
    """The average of a bedside network's weights, which answers without dropout."""

    def __init__(self, network: BedsideNetwork, decay: float) -> None:
        super().__init__(network, decay)
        # In a tuple it is no module of this one: its weights are neither trained nor kept.
        self._skeleton = (copy.deepcopy(network).eval(),)

    @torch.no_grad()
    def shows(self, network: BedsideNetwork, read: Mapping[str, Tensor]) -> Shown:
        """What the averaged network makes of a batch that was read; its buffers are the present network's."""
        weights = self.weights() | dict(network.named_buffers())
        shown: Shown = functional_call(self._skeleton[0], weights, (read,), {"already_read": True})
        return shown
