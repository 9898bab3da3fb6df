"""What every network over the hours of a series shares: how it reads, and how descriptors join at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from stillroom.models.bedside.inputs import SERIES, Course, Flat
from stillroom.models.bedside.network import BedsideNetwork, Form
from stillroom.types import ModelError
from stillroom.types.cases import Case


class SeriesNetwork(BedsideNetwork):
    """Reads a series as values, masks and intervals, and any other input as one vector beside it.

    Args:
        form: what comes in.

    Raises:
        ModelError: there is no series.
    """

    def __init__(self, form: Form) -> None:
        super().__init__()
        if SERIES not in form.shapes:
            raise ModelError(
                f"a network over hours for the inputs {', '.join(form.shapes)}",
                f"an input {SERIES!r}",
                "choose student.kind: mlp",
            )
        others = {name: shape for name, shape in form.shapes.items() if name != SERIES}
        self.course = Course(form.shapes[SERIES][-1] or 0)
        self.others = Flat(others) if others else None

    @property
    def beside(self) -> int:
        """Width of the vector beside the series."""
        return self.others.width if self.others is not None else 0

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

    def joined(self, pooled: Tensor, read: Mapping[str, Tensor]) -> Tensor:
        """What was made of the series, and the vector beside it."""
        return torch.cat([pooled, read["others"]], -1) if self.others is not None else pooled
