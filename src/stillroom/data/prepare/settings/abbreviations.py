"""What a recipe says of abbreviations."""

from __future__ import annotations

from pydantic import Field

from stillroom.types import Settings


class AbbreviationSettings(Settings):
    """Which abbreviations are written out, and how sure that must be."""

    tasks: tuple[str, ...] | None = Field(
        default=None, description="tasks whose rows are treated; null: all rows"
    )
    built_in: bool = Field(
        default=True, description="write out the built-in abbreviations, which mean one thing"
    )
    mapping: str | None = Field(
        default=None,
        description="CSV file in MeDAL's format, plain or gzipped: TEXT, LOCATION (place of the abbreviation among the "
        "words of the text) and LABEL (what it stands for there)",
    )
    least_odds: float = Field(
        default=20.0,
        gt=1,
        description="how many times as likely as all others together an expansion of an ambiguous abbreviation must be",
    )
