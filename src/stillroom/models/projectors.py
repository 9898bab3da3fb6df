"""Learned maps from the student's hidden states to the teacher's, where their widths differ."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, Self

import torch
from torch import Tensor, nn

from stillroom.types import ModelError

ProjectorStart = Literal["identity", "orthogonal", "he"]


class LayerProjectors(nn.Module):
    """One linear map for each pair of layers. It trains beside the student and is no part of what is saved or exported.

    Attributes:
        weight: the maps, shape ``(mapped, teacher width, student width)``.
    """

    def __init__(self, weight: Tensor) -> None:
        """Take first values, shape ``(mapped, teacher width, student width)``."""
        super().__init__()
        self.weight = nn.Parameter(weight)

    @classmethod
    def create(
        cls,
        mapped: int,
        student_width: int,
        teacher_width: int,
        *,
        start: ProjectorStart,
        channels: Sequence[int] | None = None,
        seed: int = 0,
    ) -> Self:
        """Make the maps of a layer map.

        Args:
            mapped: pairs of layers.
            student_width: of the student's hidden states.
            teacher_width: of the teacher's.
            start: ``identity`` hands each of the student's channels to the teacher's channel of the same place, or to
                ``channels``; ``orthogonal`` keeps lengths and angles; ``he`` draws from N(0, 2 / student width).
            channels: for a student cut in width, the teacher's channels that it kept.
            seed: of the random ones.

        Raises:
            ModelError: a student wider than its teacher cannot start with the identity or keep lengths.

        Source: Saxe et al. 2014 (arXiv:1312.6120) for orthogonal, He et al. 2015 (arXiv:1502.01852) for he.

        >>> LayerProjectors.create(1, 2, 3, start="identity", channels=(0, 2)).weight.tolist()
        [[[1.0, 0.0], [0.0, 0.0], [0.0, 1.0]]]
        """
        if start != "he" and student_width > teacher_width:
            raise ModelError(
                f"projectors that start as {start!r} from width {student_width} to {teacher_width}",
                "a student at most as wide as its teacher",
                "choose 'he'",
            )
        generator = torch.Generator().manual_seed(seed)
        if start == "identity":
            one = torch.zeros(teacher_width, student_width)
            one[list(channels or range(student_width)), torch.arange(student_width)] = 1.0
            return cls(one.repeat(mapped, 1, 1))
        draw = _DRAWS[start]
        return cls(torch.stack([draw(teacher_width, student_width, generator) for _ in range(mapped)]))

    def forward(self, states: Tensor) -> Tensor:
        """Map hidden states.

        Args:
            states: of the student's mapped layers, shape ``(mapped, rows, student width)``.

        Returns:
            Shape ``(mapped, rows, teacher width)``.
        """
        return states @ self.weight.transpose(1, 2).to(states.dtype)


def _orthogonal(rows: int, columns: int, generator: torch.Generator) -> Tensor:
    turn, triangle = torch.linalg.qr(torch.randn(rows, columns, generator=generator))
    made: Tensor = turn * triangle.diagonal().sign()
    return made


def _he(rows: int, columns: int, generator: torch.Generator) -> Tensor:
    return torch.randn(rows, columns, generator=generator) * math.sqrt(2.0 / columns)


_DRAWS: Mapping[str, Callable[[int, int, torch.Generator], Tensor]] = {"orthogonal": _orthogonal, "he": _he}
