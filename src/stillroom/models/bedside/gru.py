"""A recurrent network over the hours, which says where it looks."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from stillroom.models.bedside.network import Form, Shown
from stillroom.models.bedside.series import SeriesNetwork
from stillroom.models.bedside.settings import GruSettings


class Gru(SeriesNetwork):
    """A GRU over values, masks and intervals; its steps are pooled by attention, and descriptors join at the end.

    Raises:
        ModelError: there is no series.
    """

    def __init__(self, settings: GruSettings, form: Form) -> None:
        super().__init__(form)
        self.gru = nn.GRU(self.course.width, settings.width, batch_first=True)
        self.attend = nn.Linear(settings.width, 1)
        self.dropout = nn.Dropout(settings.dropout)
        self.head = nn.Linear(2 * settings.width + self.beside, len(form.head.names))

    def show(self, read: Mapping[str, Tensor]) -> Shown:
        """Show logits, the states of all steps, their pool, and the attention over steps."""
        states, _ = self.gru(self.dropout(read["course"]))
        attention = self.attend(states)[..., 0].softmax(-1)
        pooled = torch.cat([(attention[..., None] * states).sum(1), states[:, -1]], -1)
        features = {"states": states, "pooled": pooled}
        logits = self.head(self.dropout(self.joined(pooled, read)))
        return Shown(logits, features, {"steps": attention[:, None, None, None]})
