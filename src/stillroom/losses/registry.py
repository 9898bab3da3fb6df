"""What a loss tells about itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from torch import Tensor

from stillroom.losses.feature import hidden_mse
from stillroom.losses.response import cross_entropy, forward_kl


@dataclass(frozen=True, slots=True)
class Loss:
    """A loss and its contract.

    Attributes:
        function: ``function(student, teacher_or_targets, **hyper)``.
        family: what kind of knowledge it transfers.
        consumes: what the student's side must provide.
        per_example: one value per row; False where the rows of a batch are coupled.
        source: the paper or standard that defines it.
    """

    function: Callable[..., Tensor]
    family: Literal["response", "feature"]
    consumes: Literal["logits", "hidden_states"]
    per_example: bool
    source: str

    def __call__(
        self, student: Tensor, teacher: Tensor, *, mask: Tensor | None = None, **hyper: float
    ) -> Tensor:
        """Compute per-row values of the rows where ``mask`` is true (all rows without a mask).

        Masked rows are dropped before any work, so nothing in them can reach the value or the gradient.
        """
        if mask is not None:
            student, teacher = student[mask], teacher[mask]
        return self.function(student, teacher, **hyper)


LOSSES: Mapping[str, Loss] = MappingProxyType(
    {
        "cross_entropy": Loss(cross_entropy, "response", "logits", True, "maximum likelihood"),
        "forward_kl": Loss(forward_kl, "response", "logits", True, "Hinton et al. 2015, arXiv:1503.02531"),
        "hidden_mse": Loss(
            hidden_mse, "feature", "hidden_states", True, "Jiao et al. 2020, arXiv:1909.10351"
        ),
    }
)
