"""From cases to the tensors of one pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from stillroom.models.bedside.network import BedsideNetwork
from stillroom.types.cases import UNKNOWN, Case

_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class CaseBatch:
    """The tensors of one forward and backward pass; ``positions`` are those of the target.

    Attributes:
        cases: the cases.
        inputs: by name, shape ``(batch, …)``. Shorter cases are filled at the end: numbers with NaN, integers with −1.
        target: shape ``(batch, *positions)`` of classes, ``(batch, *positions, outputs)`` of labels and values.
        real: positions that a case has, ``(batch, *positions)``.
        known: those whose truth is known.
        weights: what each case counts, ``(batch,)``.
        focus: how much to attend to each time step, ``(batch, time)``; None where some case does not say.
    """

    cases: tuple[Case, ...]
    inputs: Mapping[str, Tensor]
    target: Tensor
    real: Tensor
    known: Tensor
    weights: Tensor
    focus: Tensor | None

    def to(self, device: torch.device) -> CaseBatch:
        """Move the tensors to a device."""
        return replace(
            self,
            inputs={name: values.to(device) for name, values in self.inputs.items()},
            target=self.target.to(device),
            real=self.real.to(device),
            known=self.known.to(device),
            weights=self.weights.to(device),
            focus=None if self.focus is None else self.focus.to(device),
        )


class ReadCollate:
    """Collates cases as a network has read them, once for each case.

    Args:
        network: reads; its inputs are scaled already.
        cases: all that will be collated.
    """

    @torch.no_grad()
    def __init__(self, network: BedsideNetwork, cases: Sequence[Case]) -> None:
        self._read = {case.id: case for case in cases}
        for start in range(0, len(cases), _AT_ONCE):
            part = cases[start : start + _AT_ONCE]
            inputs = collate(part).inputs
            read = network.read(inputs)
            if read is inputs:  # nothing is read ahead
                return
            for at, case in enumerate(part):
                own = {name: values[at].numpy() for name, values in read.items()}
                self._read[case.id] = replace(case, inputs=own)

    def __call__(self, cases: Sequence[Case]) -> CaseBatch:
        """A batch whose inputs are read, of the cases as they were."""
        return replace(collate([self._read[case.id] for case in cases]), cases=tuple(cases))


def collate(cases: Sequence[Case]) -> CaseBatch:
    """Stack cases, and fill the shorter ones.

    >>> case = Case("a", "a", {"series": np.zeros((2, 1), np.float32)}, np.asarray(1))
    >>> batch = collate([case, Case("b", "b", {"series": np.zeros((3, 1), np.float32)}, np.asarray(-1))])
    >>> batch.inputs["series"].shape, batch.target.tolist(), batch.known.tolist()
    (torch.Size([2, 3, 1]), [1, -1], [True, False])
    """
    target = _filled([case.target for case in cases])
    whole = not target.is_floating_point()
    known = target != UNKNOWN if whole else ~target.isnan().any(-1)
    positions = [case.target.shape if whole else case.target.shape[:-1] for case in cases]
    return CaseBatch(
        cases=tuple(cases),
        inputs={name: _filled([case.inputs[name] for case in cases]) for name in cases[0].inputs},
        target=target,
        real=_padded([torch.ones(shape, dtype=torch.bool) for shape in positions], 0.0),
        known=known,
        weights=torch.tensor([case.weight for case in cases]),
        focus=_focus(cases),
    )


def _filled(arrays: Sequence[NDArray[Any]]) -> Tensor:
    rows = [torch.from_numpy(np.asarray(array)) for array in arrays]
    return _padded(rows, torch.nan if rows[0].is_floating_point() else UNKNOWN)


def _padded(rows: Sequence[Tensor], fill: float) -> Tensor:
    if rows[0].ndim == 0 or len({row.shape for row in rows}) == 1:
        return torch.stack(list(rows))
    return pad_sequence(list(rows), batch_first=True, padding_value=fill)


def _focus(cases: Sequence[Case]) -> Tensor | None:
    told = [case.focus for case in cases if case.focus is not None]
    return _padded([torch.from_numpy(focus) for focus in told], 0.0) if len(told) == len(cases) else None
