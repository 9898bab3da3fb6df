"""What is decided about the measuring of uncertainty."""

from __future__ import annotations

from pydantic import Field

from stillroom.types import Settings
from stillroom.validate.calibration.conformal import Score


class UncertaintySettings(Settings):
    """Which promises are made on validation data and measured on the test split."""

    miss_rate: float = Field(
        default=0.1, gt=0, lt=1, description="share of sets that may miss the true class"
    )
    score: Score = Field(
        default="threshold", description="how classes are let into a set: threshold or adaptive"
    )
    by_class: bool = Field(default=True, description="sets keep their promise for the patients of each class")
    risk: float = Field(
        default=0.05,
        gt=0,
        lt=1,
        description="share of wrong decisions accepted among cases not left to people",
    )
    exchangeability_level: float = Field(
        default=0.001,
        ge=0,
        lt=1,
        description="p-value below which sets are refused for cases unlike the validation's",
    )
