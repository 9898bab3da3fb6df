"""What a recipe says of cleaning."""

from __future__ import annotations

from pydantic import Field

from stillroom.types import Settings


class CleanSettings(Settings):
    """Unicode, markup, control characters, white space; and the language."""

    english_only: bool = Field(default=True, description="leave out rows with a text that is not English")
    judged_from_words: int = Field(
        default=20, ge=5, description="texts of fewer words are too short to tell their language, and pass"
    )
    max_damaged_share: float = Field(
        default=0.01,
        ge=0,
        le=1,
        description="rows with a text of which more than this share are replacement characters are left out",
    )
