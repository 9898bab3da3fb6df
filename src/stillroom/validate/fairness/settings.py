"""What a recipe decides about subgroups."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from stillroom.types import Settings

Attribute = Literal["kind", "specialty", "difficulty", "source"]


class FairnessSettings(Settings):
    """Which subgroups are compared. Small ones are shown and marked, never left out."""

    by: tuple[Attribute, ...] = Field(
        default=("kind", "specialty"),
        description="columns of the corpus whose values are subgroups; source: the start of an identifier up to its /",
    )
    attributes: str | None = Field(
        default=None,
        description="a CSV file with the column id and one column for each further attribute, such as sex, age_band or "
        "site; it is read where the evidence is made and not copied",
    )
    small: int = Field(
        default=30,
        ge=2,
        description="a subgroup of fewer independent units is marked, and is never called the worst",
    )
