"""Attention among the hours."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from stillroom.models.bedside.blocks import Block
from stillroom.models.bedside.inputs import SERIES
from stillroom.models.bedside.network import Form, Shown
from stillroom.models.bedside.series import SeriesNetwork
from stillroom.models.bedside.settings import TransformerSettings
from stillroom.types import ModelError


class Transformer(SeriesNetwork):
    """Layers of self-attention over steps that know their place; the mean of the steps is read.

    Raises:
        ModelError: there is no series, or its length differs between cases.
    """

    def __init__(self, settings: TransformerSettings, form: Form) -> None:
        super().__init__(form)
        hours, width = form.shapes[SERIES][0], settings.width
        if hours is None:
            raise ModelError("series of several lengths", "one length", "choose student.kind: gru")
        self.enter = nn.Linear(self.course.width, width)
        self.places = nn.Parameter(0.02 * torch.randn(hours, width))
        self.layers = nn.ModuleList(
            Block(width, settings.heads, 2 * width, settings.dropout) for _ in range(settings.layers)
        )
        self.dropout = nn.Dropout(settings.dropout)
        self.head = nn.Linear(width + self.beside, len(form.head.names))

    def show(self, read: Mapping[str, Tensor]) -> Shown:
        """Show logits, the states of all steps and their mean."""
        course = read["course"]
        states = self.enter(self.dropout(course)) + self.places
        every = torch.ones(course.shape[:2], dtype=torch.bool, device=course.device)
        for layer in self.layers:
            states = layer(states, every)
        pooled = states.mean(1)
        logits = self.head(self.dropout(self.joined(pooled, read)))
        return Shown(logits, {"states": states, "pooled": pooled}, {})
