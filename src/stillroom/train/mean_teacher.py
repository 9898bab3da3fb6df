"""The student's own past as its teacher."""

from __future__ import annotations

import torch
from torch.func import functional_call
from transformers import PreTrainedModel

from stillroom.losses import DenseTeacher
from stillroom.models.decoder import body, output_matrix
from stillroom.train.batches import Batch
from stillroom.train.moving_average import MovingAverage


class MeanTeacher(MovingAverage):
    """The average of a language model's weights, asked for distributions."""

    def __init__(self, network: PreTrainedModel, decay: float) -> None:
        super().__init__(network, decay)
        self._matrix = next(n for n, p in network.named_parameters() if p is output_matrix(network))

    @torch.no_grad()
    def says(self, network: PreTrainedModel, batch: Batch) -> DenseTeacher:
        """The averaged network's whole distribution at the positions that predict response tokens."""
        prefix, averages = f"{network.base_model_prefix}.", self.weights()
        weights = {n.removeprefix(prefix): w for n, w in averages.items() if n.startswith(prefix)}
        options = {"position_ids": batch.places, "use_cache": False}
        states = functional_call(body(network), weights, (batch.ids,), options).last_hidden_state
        return DenseTeacher(states.flatten(0, 1)[batch.positions], averages[self._matrix])
