"""A recurrent network over the hours, which says where it looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from stillroom.models.bedside.inputs import SERIES, Course, Flat
from stillroom.models.bedside.network import BedsideNetwork, Form, Shown
from stillroom.models.bedside.settings import GruSettings
from stillroom.types import ModelError
from stillroom.types.cases import Case


class Gru(BedsideNetwork):
    """A GRU over values, masks and intervals; its steps are pooled by attention, and descriptors join at the end.

    Raises:
        ModelError: there is no series.
    """

    def __init__(self, settings: GruSettings, form: Form) -> None:
        super().__init__()
        if SERIES not in form.shapes:
            raise ModelError(
                f"a GRU for the inputs {', '.join(form.shapes)}",
                f"an input {SERIES!r}",
                "choose student.kind: mlp",
            )
        others = {name: shape for name, shape in form.shapes.items() if name != SERIES}
        self.course = Course(form.shapes[SERIES][-1] or 0)
        self.others = Flat(others) if others else None
        self.gru = nn.GRU(self.course.width, settings.width, batch_first=True)
        self.attend = nn.Linear(settings.width, 1)
        self.dropout = nn.Dropout(settings.dropout)
        wide = 2 * settings.width + (self.others.width if self.others is not None else 0)
        self.head = nn.Linear(wide, len(form.head.names))

    def fit_inputs(self, cases: Sequence[Case]) -> None:
        """Scale inputs by the training cases."""
        self.course.fit(cases)
        if self.others is not None:
            self.others.fit(cases)

    def read(self, inputs: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """The course of the series, and scaled descriptors."""
        read = {"course": self.course(inputs[SERIES])}
        if self.others is not None:
            read["others"] = self.others({name: inputs[name] for name in self.others.names})
        return read

    def show(self, read: Mapping[str, Tensor]) -> Shown:
        """Show logits, the states of all steps, their pool, and the attention over steps."""
        states, _ = self.gru(self.dropout(read["course"]))
        attention = self.attend(states)[..., 0].softmax(-1)
        pooled = torch.cat([(attention[..., None] * states).sum(1), states[:, -1]], -1)
        joined = torch.cat([pooled, read["others"]], -1) if self.others is not None else pooled
        features = {"states": states, "pooled": pooled}
        return Shown(self.head(self.dropout(joined)), features, {"steps": attention[:, None, None, None]})
