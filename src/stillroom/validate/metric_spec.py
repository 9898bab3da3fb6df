"""What the name of a figure stands for, and the units that figures come in."""

from __future__ import annotations

from dataclasses import dataclass

NATS = "nats/token"
SHARE = "proportion"
RATIO = "ratio"
DIFFERENCE = "difference"
"""Of two proportions: told in percentage points."""


@dataclass(frozen=True, slots=True)
class MetricSpec:
    """What a metric's name stands for.

    Attributes:
        unit: unit of the value, ``""`` for a pure number.
        higher_is_better: direction; None where there is none.
        description: one line for a reader who did not build the model.
    """

    unit: str
    higher_is_better: bool | None
    description: str
