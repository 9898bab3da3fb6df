"""What happened in one training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

VALIDATION = "validation_"
"""What the name of a figure begins with that is measured on validation rows."""


@dataclass(frozen=True, slots=True)
class Point:
    """Figures after one step: means over response tokens, in nats."""

    step: int
    figures: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class TrainRecord:
    """The budget that was spent and how the losses went.

    Attributes:
        steps: optimiser steps taken.
        tokens: prompt and response tokens seen, padding not counted.
        seconds: wall time, summed over resumed parts.
        points: figures along the way.
    """

    steps: int
    tokens: int
    seconds: float
    points: tuple[Point, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return a plain, JSON-serialisable form."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> TrainRecord:
        """Rebuild from :meth:`to_dict`.

        >>> TrainRecord.from_dict(TrainRecord(1, 8, 0.5, (Point(1, {"loss": 2.0}),)).to_dict()).points[0].step
        1
        """
        return cls(
            data["steps"], data["tokens"], data["seconds"], tuple(Point(**point) for point in data["points"])
        )
