"""A perceptron over all inputs at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import Tensor, nn

from stillroom.models.bedside.inputs import Flat
from stillroom.models.bedside.network import BedsideNetwork, Form, Shown
from stillroom.models.bedside.settings import MlpSettings
from stillroom.types.cases import Case


class Mlp(BedsideNetwork):
    """Hidden layers of GELU, each with dropout.

    Raises:
        ModelError: the cases have no input of a name that it reads.
    """

    def __init__(self, settings: MlpSettings, form: Form) -> None:
        super().__init__()
        self.needs = settings.inputs or None
        self.inputs = Flat(form.only(self.needs).shapes)
        self.input_dropout = nn.Dropout(settings.input_dropout)
        layers: list[nn.Module] = []
        width = self.inputs.width
        for wide in settings.widths:
            layers += [nn.Linear(width, wide), nn.GELU(), nn.Dropout(settings.dropout)]
            width = wide
        self.layers = nn.Sequential(*layers)
        self.head = nn.Linear(width, len(form.head.names))

    def fit_inputs(self, cases: Sequence[Case]) -> None:
        """Scale inputs by the training cases."""
        self.inputs.fit(cases)

    def read(self, inputs: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """Scaled descriptors and summaries, and what is missing."""
        return {"flat": self.inputs({name: inputs[name] for name in self.inputs.names})}

    def show(self, read: Mapping[str, Tensor]) -> Shown:
        """Show logits and the last hidden layer."""
        pooled: Tensor = self.layers(self.input_dropout(read["flat"]))
        return Shown(self.head(pooled), {"pooled": pooled}, {})
