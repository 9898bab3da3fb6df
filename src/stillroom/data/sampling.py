"""How a source is split."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from stillroom.types import Settings


class SplitSettings(Settings):
    """What any source needs to know to divide its groups."""

    seed: int = Field(ge=0, description="chooses items, wording and options; never the split")
    validation_share: float = Field(gt=0, lt=1, description="share of concepts held out for validation")
    test_share: float = Field(gt=0, lt=1, description="share of concepts held out for the test")

    @model_validator(mode="after")
    def _leave_some_to_train(self) -> Self:
        held_out = self.validation_share + self.test_share
        if held_out >= 1:
            raise ValueError(
                f"validation_share + test_share is {held_out:g}; must leave concepts to train on"
            )
        return self
