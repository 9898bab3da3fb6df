"""What a recipe says of the mixture."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from stillroom.types import Settings


class MixSettings(Settings):
    """How much of what is learned from, and how many items of each source are held out."""

    by: Literal["source", "task", "specialty"] = Field(default="source", description="what is balanced")
    temperature: float = Field(
        default=1.0,
        ge=1,
        le=100,
        description="shares are proportional to the number of rows to the power of 1 / temperature: 1 keeps them as "
        "they are, large values make them equal",
    )
    train_items: int | None = Field(
        default=None, ge=1, description="rows of the training split in all; null: as many as there are"
    )
    validation_items: int | None = Field(
        default=None, ge=1, description="most rows of each source in the validation split; null: all"
    )
    test_items: int | None = Field(
        default=None, ge=1, description="most rows of each source in the test split; null: all"
    )

    @model_validator(mode="after")
    def _temperature_needs_room(self) -> Self:
        if self.temperature != 1 and self.train_items is None:
            raise ValueError(
                "a temperature other than 1 needs train_items: with all rows there is nothing to choose"
            )
        return self
