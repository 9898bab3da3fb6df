"""What a recipe says of truncation."""

from __future__ import annotations

from pydantic import Field

from stillroom.types import Settings


class TruncateSettings(Settings):
    """How long a row may be, and in whose tokens."""

    max_tokens: int = Field(default=1024, ge=16, description="most tokens of a row, template included")
    template_tokens: int = Field(
        default=32, ge=0, description="tokens set aside for what the chat template adds to a row"
    )
    min_context_tokens: int = Field(
        default=64, ge=1, description="a row that has room for less of its context is left out"
    )
    tokenizer: str | None = Field(
        default=None,
        description="tokenizer.json, a folder with one, or a name in the hub's cache; null: characters are counted",
    )
    characters_per_token: float = Field(
        default=4.0, gt=0, description="characters that count as one token where there is no tokenizer"
    )
