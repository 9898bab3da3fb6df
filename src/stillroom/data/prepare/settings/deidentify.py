"""What a recipe says of de-identification."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from stillroom.types import Settings


class DeidentifySettings(Settings):
    """Which rows, what they become, and where the key is; the key itself never stands in a recipe."""

    tasks: tuple[str, ...] | None = Field(
        default=("note", "note_section", "dialogue", "summarisation"),
        description="tasks whose rows are treated: those that may be about a patient; null: all rows",
    )
    mode: Literal["tag", "surrogate"] = Field(
        default="tag",
        description="tag: [NAME] and the like. surrogate: names, numbers and addresses of nobody, the same for a "
        "patient wherever they stand, and dates moved by a patient's own number of days",
    )
    max_shift_days: int = Field(
        default=364, ge=1, le=3_650, description="most days that dates are moved, to either side"
    )
    key_file: str | None = Field(
        default=None, description="file with the key of surrogates: 64 hexadecimal digits"
    )
    key_variable: str | None = Field(default=None, description="environment variable that holds the key")
    presidio: bool = Field(
        default=False, description="add the pattern recognisers of Presidio; needs the extra 'presidio'"
    )
    spacy_model: str | None = Field(
        default=None,
        description="installed spaCy model whose names, places and dates are added by Presidio; nothing is fetched",
    )

    @model_validator(mode="after")
    def _key_where_needed(self) -> Self:
        named = (self.key_file is not None) + (self.key_variable is not None)
        if self.mode == "surrogate" and named != 1:
            raise ValueError("surrogates need either key_file or key_variable")
        if self.mode == "tag" and named:
            raise ValueError("tags need no key: leave out key_file and key_variable, or set mode: surrogate")
        if self.spacy_model is not None and not self.presidio:
            raise ValueError("spacy_model is read by Presidio: set presidio: true")
        return self
