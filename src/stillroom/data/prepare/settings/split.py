"""What a recipe says of the split."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from stillroom.types import Settings


class SplitSettings(Settings):
    """Training, validation and test, by patient, document and concept."""

    validation_share: float = Field(
        default=0.1,
        ge=0,
        lt=1,
        description="share of groups held out for validation where a source has no validation part of its own",
    )
    test_share: float = Field(
        default=0.05,
        ge=0,
        lt=1,
        description="share of groups held out for the test where a source has no split at all",
    )
    keep_own_splits: bool = Field(
        default=True,
        description="whether rows stay in the split that their source gave them; benchmarks are test items either way",
    )

    @model_validator(mode="after")
    def _leave_some_to_train(self) -> Self:
        held_out = self.validation_share + self.test_share
        if held_out >= 1:
            raise ValueError(f"validation_share + test_share is {held_out:g}; must leave groups to train on")
        return self
