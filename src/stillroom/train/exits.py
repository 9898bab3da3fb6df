"""Layers before the last that predict the response too."""

from __future__ import annotations

import torch
from torch import Tensor
from transformers import PreTrainedModel

from stillroom.losses import DenseTeacher, Schedule, linear_distillation
from stillroom.losses.fused.chunk import CROSS_ENTROPY
from stillroom.models.decoder import depth, final_norm
from stillroom.train.objective import ExitSettings
from stillroom.train.schedule import schedule_of
from stillroom.train.seen import Seen
from stillroom.types import TrainError


class Exits:
    """The loss of the student's early layers, on hard labels and on its own last layer.

    Attributes:
        weight: of the loss, step by step.

    Raises:
        TrainError: a layer that is the student's last, or none of its.
    """

    def __init__(self, settings: ExitSettings, network: PreTrainedModel) -> None:
        last = depth(network) - 1
        if not all(0 <= layer < last for layer in settings.layers):
            raise TrainError(
                f"objective.exits.layers is {list(settings.layers)}, for a student of {last + 1} layers",
                f"layers from 0 to {last - 1}, before its last",
                "correct them",
            )
        self._settings = settings
        self.weight: Schedule = schedule_of(settings.weight)

    def sums(self, network: PreTrainedModel, seen: Seen, temperature: float) -> Tensor:
        """Mean over the exits of their loss, summed over response tokens."""
        assert seen.layers is not None
        last = DenseTeacher(seen.hidden.detach(), seen.matrix.detach())
        alpha = self._settings.alpha
        losses = [
            linear_distillation(
                final_norm(network)(seen.layers[layer]).to(seen.hidden),
                seen.matrix,
                seen.targets,
                last,
                weights={CROSS_ENTROPY: 1.0 - alpha, "forward_kl": alpha},
                temperature=temperature,
                row_weights=seen.weights,
            ).total
            for layer in self._settings.layers
        ]
        return torch.stack(losses).mean()
