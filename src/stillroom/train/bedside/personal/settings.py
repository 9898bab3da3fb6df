"""What a recipe decides about adapting its student to each patient."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from stillroom.types import Settings


class PersonaliseSettings(Settings):
    """Adaptation to each patient, of tasks of two classes that ask again and again within a stay."""

    mode: Literal["locked", "adaptive"] = Field(
        default="locked",
        description="locked: the bundle never changes; adaptive: it carries a change plan, if validation patients "
        "show that the plan lowers their risk",
    )
    changes: Literal["bias", "last_layer"] = Field(
        default="bias",
        description="bias: a shift of the logit; last_layer: a linear map of the pooled features too",
    )
    first_hours: float = Field(
        default=24, gt=0, description="labels known by then adapt; forecasts from then on are measured"
    )
    least_labels: int = Field(default=3, ge=2, description="labels of a patient before anything may change")
    most_shift: float = Field(default=1.5, gt=0, description="farthest that a logit is moved, in nats")
    deviations: tuple[Annotated[float, Field(gt=0)], ...] = Field(
        default=(0.25, 0.5, 1.0),
        min_length=1,
        description="how far patients may lie from the population, in nats; validation patients choose",
    )
