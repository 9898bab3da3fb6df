"""The student's own past as its teacher."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.func import functional_call
from transformers import PreTrainedModel

from stillroom.losses import DenseTeacher
from stillroom.models.decoder import body, output_matrix
from stillroom.train.batches import Batch


class MeanTeacher(nn.Module):
    r"""An exponential moving average of the student's weights.

    .. math:: \theta' \leftarrow d_t\, \theta' + (1 - d_t)\, \theta, \qquad
        d_t = \min\!\big(d, \tfrac{t+1}{t+10}\big)

    with t the updates so far, so that the first steps, which know little, are soon forgotten. The averages are buffers
    of this module: a checkpoint holds them.

    Args:
        network: the student.
        decay: d in [0, 1).

    Source: Tarvainen & Valpola 2017 (arXiv:1703.01780).
    """

    def __init__(self, network: PreTrainedModel, decay: float) -> None:
        super().__init__()
        self._decay = decay
        self._names = [name for name, _ in network.named_parameters()]
        self._matrix = next(n for n, p in network.named_parameters() if p is output_matrix(network))
        for name, parameter in network.named_parameters():
            self.register_buffer(_buffer(name), parameter.detach().clone())
        self.updates: Tensor
        self.register_buffer("updates", torch.zeros((), dtype=torch.int64))

    @torch.no_grad()
    def update(self, network: PreTrainedModel) -> None:
        """Move towards the student's present weights."""
        count = int(self.updates)
        decay = min(self._decay, (count + 1) / (count + 10))
        for name, parameter in network.named_parameters():
            self._average(name).lerp_(parameter.detach(), 1.0 - decay)
        self.updates += 1

    @torch.no_grad()
    def says(self, network: PreTrainedModel, batch: Batch) -> DenseTeacher:
        """The averaged network's whole distribution at the positions that predict response tokens."""
        prefix = f"{network.base_model_prefix}."
        weights = {n.removeprefix(prefix): self._average(n) for n in self._names if n.startswith(prefix)}
        options = {"position_ids": batch.places, "use_cache": False}
        states = functional_call(body(network), weights, (batch.ids,), options).last_hidden_state
        return DenseTeacher(states.flatten(0, 1)[batch.positions], self._average(self._matrix))

    def _average(self, name: str) -> Tensor:
        average: Tensor = getattr(self, _buffer(name))
        return average


def _buffer(name: str) -> str:
    return name.replace(".", "__")
