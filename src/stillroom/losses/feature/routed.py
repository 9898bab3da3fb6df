"""Routed features: a student's deepest stage against a mixture of the teacher's, chosen case by case."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Self

import torch
from torch import Tensor, nn
from torch.nn import functional

from stillroom.losses.contract import Count, LearnedLoss
from stillroom.losses.feature.layout import width_last, width_of
from stillroom.losses.feature.regressor import wide_type
from stillroom.losses.rows import wide


def routed_features(
    student: Sequence[Tensor], teacher: Sequence[Tensor], *, scores: Tensor, mask: Tensor | None = None
) -> Tensor:
    r"""Squared distance of the student's deepest stage from a mixture of the teacher's stages, a mean over channels.

    .. math:: \frac1d \Bigl\| s - \sum_l a_l\, t_l \Bigr\|^2, \qquad a = \operatorname{softmax}(z)

    z are the ``scores`` of the teacher's stages. This function takes features of one width; :class:`RoutedFeatures`
    learns to map and to route. The mixture receives no gradient.

    Transfers: of all the teacher's stages, those that tell the classes of this case apart.

    Use when: what the teacher knows of the task lies in its middle, as in networks that were trained for something
    else first, and cases are labelled.

    Cost: O(sites · channels) to average each stage, then O(batch · channels · d); in training only.

    Learns: a linear map of each stage to d = ``width`` channels, the teacher's then divided by their root mean square;
    a score of each stage, linear in it; and a linear classifier on the mixture, whose cross-entropy is added. It alone
    trains router and maps, so that the mixture is drawn to what the task needs and not to what the student can have.

    Args:
        student: features from shallow to deep, of which the last is read, ``(batch, d)``.
        teacher: features from shallow to deep, each ``(batch, d)``.
        scores: z, shape ``(batch, stages)``.
        mask: examples to keep, booleans of shape ``(batch,)``; all by default.

    Returns:
        One value per kept example, ≥ 0. No reduction over examples.

    Source: input-conditioned routing of teacher layers is of Wang et al. 2026 (arXiv:2604.15016); the formulas are this
    library's.

    >>> import torch
    >>> one, two = torch.zeros(1, 4), torch.ones(1, 4)
    >>> routed_features([one], [one, two], scores=torch.zeros(1, 2))
    tensor([0.2500])
    """
    ours, theirs, scores = (
        wide(side if mask is None else side[mask])
        for side in (student[-1], torch.stack([*teacher], 1), scores)
    )
    return (ours - _mixture(theirs, scores).detach()).square().mean(-1)


class RoutedFeatures(LearnedLoss):
    """The routed loss with its maps, its router and the classifier that trains them."""

    def __init__(self, student: Tensor, teacher: Sequence[Tensor], classes: int, width: int) -> None:
        super().__init__()
        self.enter = nn.Linear(width_of(student), width)
        self.stages = nn.ModuleList(nn.Linear(width_of(stage), width) for stage in teacher)
        self.gate = nn.Parameter(torch.zeros(len(teacher), width))
        self.classify = nn.Linear(width, classes)
        self.to(student.device, wide_type(student))

    @classmethod
    def create(
        cls, student: Sequence[Tensor], teacher: Sequence[Tensor], *, classes: Count = 2, width: Count = 64
    ) -> Self:
        """Maps of all stages; the router begins with equal shares.

        Args:
            student: features of each stage, shallow to deep.
            teacher: features of its stages.
            classes: number of classes of the task.
            width: channels in which stages are compared.
        """
        return cls(student[-1], teacher, classes, width)

    def forward(
        self,
        student: Sequence[Tensor],
        teacher: Sequence[Tensor],
        *,
        targets: Tensor,
        mask: Tensor | None = None,
    ) -> Tensor:
        """One value per kept example.

        Args:
            student: features of each stage, shallow to deep.
            teacher: features of its stages.
            targets: classes from 0, shape ``(batch,)``; of a negative one there is no cross-entropy.
            mask: examples to keep, booleans of shape ``(batch,)``.
        """
        targets = targets if mask is None else targets[mask]
        theirs = [
            functional.rms_norm(enter(_pooled(stage.detach(), mask)), self.gate.shape[1:])
            for enter, stage in zip(self.stages, teacher, strict=True)
        ]
        stacked = torch.stack(theirs, 1)
        scores = (stacked * self.gate).sum(-1) / math.sqrt(self.gate.shape[-1])
        told = self.classify(_mixture(stacked, scores))
        task = functional.cross_entropy(told, targets.clamp_min(-1), ignore_index=-1, reduction="none")
        return routed_features([self.enter(_pooled(student[-1], mask))], theirs, scores=scores) + task


def routable(student: Sequence[Tensor], teacher: Sequence[Tensor]) -> None:
    """Both sides must be stages of features of the same examples, the teacher's two or more."""
    shapes = [tuple(stage.shape) for stage in (*student, *teacher)]
    if (
        not student
        or len(teacher) < 2
        or len({shape[0] for shape in shapes}) > 1
        or min(map(len, shapes)) < 2
    ):
        raise ValueError(
            f"the stages have shapes {shapes}; expected (batch, …) with one batch, of the teacher two stages or more; "
            "name the stages of both networks"
        )


def _pooled(features: Tensor, mask: Tensor | None) -> Tensor:
    """Means over the sites of each kept example, ``(batch, channels)``."""
    rows = wide(width_last(features if mask is None else features[mask]))
    return rows if rows.ndim == 2 else rows.flatten(1, -2).mean(1)


def _mixture(stages: Tensor, scores: Tensor) -> Tensor:
    return torch.einsum("bl,blw->bw", scores.softmax(-1), stages)
