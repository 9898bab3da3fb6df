"""What a recipe says of cutting notes."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from stillroom.types import Settings


class SegmentSettings(Settings):
    """Which rows are cut, and how long parts are."""

    tasks: tuple[str, ...] = Field(default=("note",), description="tasks whose rows are cut")
    max_characters: int = Field(
        default=3_000,
        ge=200,
        description="longer sections are cut between sentences; a longer sentence stays whole",
    )
    min_characters: int = Field(
        default=80, ge=0, description="shorter sections go together with the section behind them"
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min_characters > self.max_characters // 2:
            raise ValueError("min_characters is at most half of max_characters")
        return self
