"""What a recipe decides about attacks on privacy."""

from __future__ import annotations

from pydantic import Field

from stillroom.types import Settings


class PrivacySettings(Settings):
    """The loss-threshold attack on every model, and results of attacks that were run elsewhere."""

    items: int | None = Field(
        default=None, ge=2, description="most training and most test items that are attacked; null: all"
    )
    results: str | None = Field(
        default=None,
        description="a JSON file with results of further attacks (docs/evidence.md); it is read where the evidence is "
        "made and not copied",
    )
