"""What the loop asks of whatever learns: a network and its objective in one module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

from torch import Tensor, nn

from stillroom.types.row import Row

TASK_FIGURES = ("cross_entropy", "squared_error")
"""What a task's own loss is called: of classes and labels, of numbers. It is told whatever the objective is."""


class StepLoss(NamedTuple):
    """Sums over a batch's units, such as its response tokens.

    Attributes:
        total: what is minimised; it alone carries a gradient.
        terms: each term by its loss's name, without its weight, τ² included.
    """

    total: Tensor
    terms: Mapping[str, Tensor]


class Learning(nn.Module):
    """A network that, called with a batch, returns its objective as :class:`StepLoss`.

    Attributes:
        network: what is trained and kept; everything else beside it is dropped afterwards.
    """

    network: Any

    def advance(self, step: int, steps: int) -> None:
        """Move whatever follows a schedule to its value of a step, counted from 0."""

    def updated(self) -> None:
        """Learn that the optimiser has moved the weights."""

    def kernels(self, batch: Any, *, half: bool) -> AbstractContextManager[None]:
        """What the forward and backward pass of a batch are to be inside of; ``half``: they compute in bfloat16."""
        return nullcontext()

    @property
    def moving(self) -> Mapping[str, float]:
        """Weights that follow a schedule, at their present values."""
        return {}

    @property
    def rewrites(self) -> bool:
        """Whether a step's rows are changed before they are learned from."""
        return False

    def rewritten(self, rows: Sequence[Row], seed: Sequence[int], step: int, steps: int) -> tuple[Row, ...]:
        """Change the rows of a step, in the first process, for all."""
        return tuple(rows)
