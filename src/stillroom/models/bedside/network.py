"""What every bedside network takes and shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from torch import Tensor, nn

from stillroom.types import ModelError, did_you_mean
from stillroom.types.cases import Case, Cohort, Head


class Shown(NamedTuple):
    """What a network makes of a batch.

    Attributes:
        logits: shape ``(batch, *positions, outputs)``; of values, the values themselves.
        features: what it computes on the way, by name; ``pooled`` of shape ``(batch, width)`` where it has one.
        attention: maps of shape ``(batch, heads, queries, keys)``, by name.
    """

    logits: Tensor
    features: Mapping[str, Tensor]
    attention: Mapping[str, Tensor]


@dataclass(frozen=True, slots=True)
class Form:
    """What a network must take and give.

    Attributes:
        shapes: of each input, without the batch; None on an axis whose length differs between cases.
        head: what is asked.
        channels: names of the last axis of an input.
        integers: inputs of whole numbers, such as tokens; the others are float32.
    """

    shapes: Mapping[str, tuple[int | None, ...]]
    head: Head
    channels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    integers: tuple[str, ...] = ()

    @classmethod
    def of(cls, cohort: Cohort) -> Form:
        """Read the form of a cohort off its training cases."""
        cases = cohort.splits["train"]
        shapes = {name: _common([case.inputs[name].shape for case in cases]) for name in cases[0].inputs}
        whole = [name for name, values in cases[0].inputs.items() if np.issubdtype(values.dtype, np.integer)]
        return cls(shapes, cohort.head, cohort.channels, tuple(whole))

    def only(self, names: Sequence[str] | None) -> Form:
        """The form of a network that reads some inputs; None: all.

        Raises:
            ModelError: there is no such input.
        """
        if unknown := sorted(set(names or ()) - set(self.shapes)):
            raise ModelError(
                f"an input {unknown[0]!r}",
                f"some of {', '.join(self.shapes)}",
                did_you_mean(unknown[0], self.shapes),
            )
        kept = self.shapes if names is None else {name: self.shapes[name] for name in names}
        return replace(
            self,
            shapes=kept,
            channels={name: of for name, of in self.channels.items() if name in kept},
            integers=tuple(name for name in self.integers if name in kept),
        )


class BedsideNetwork(nn.Module):
    """A network that takes inputs by name, in clinical units with NaN where nothing was measured."""

    needs: tuple[str, ...] | None = None
    """Names of the inputs that it reads; None: all that there are."""

    def forward(self, inputs: Mapping[str, Tensor], *, already_read: bool = False) -> Shown:
        """Show what it makes of a batch.

        Args:
            inputs: by name, or what :meth:`read` made of them.
            already_read: whether it did.
        """
        return self.show(inputs if already_read else self.read(inputs))

    def read(self, inputs: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """The part of the work that no weight takes part in; a training does it once for each case."""
        return inputs

    def show(self, read: Mapping[str, Tensor]) -> Shown:
        """The part that learns."""
        raise NotImplementedError

    @property
    def remembers(self) -> bool:
        """Whether :meth:`recall` has work to do that the process then keeps."""
        return False

    def recall(self, inputs: Mapping[str, Tensor]) -> None:
        """Do the work on a batch that no training changes, so that whoever calls can tell how far it is."""

    def fit_inputs(self, cases: Sequence[Case]) -> None:
        """Set whatever scales its inputs from the training cases; nothing by default."""

    @property
    def parameters_count(self) -> int:
        """Number of weights."""
        return sum(parameter.numel() for parameter in self.parameters())


def _common(shapes: Sequence[tuple[int, ...]]) -> tuple[int | None, ...]:
    return tuple(axis[0] if len(set(axis)) == 1 else None for axis in zip(*shapes, strict=True))
