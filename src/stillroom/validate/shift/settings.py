"""What a recipe decides about other sites and other data."""

from __future__ import annotations

from pydantic import Field

from stillroom.data.bedside.tasks import TaskSettings
from stillroom.types import Settings


class ShiftSettings(Settings):
    """What is out of the domain."""

    data: TaskSettings | None = Field(
        default=None,
        description="a cohort of the same inputs whose test split is out of the domain, and the run's own inside it; "
        "null: the run's test split is out of it, such as a site held out, and its validation split inside",
    )
    deferred: float = Field(
        default=0.1,
        gt=0,
        lt=1,
        description="share of cases inside that a threshold leaves to people",
    )
