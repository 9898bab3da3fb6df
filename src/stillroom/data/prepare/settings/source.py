"""What a recipe says of a source."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from stillroom.data.file.settings import AboutSettings
from stillroom.types import Settings


class SourceSettings(Settings):
    """Where the rows of a source lie, and whether they may be learned from."""

    adapter: str | None = Field(
        default=None,
        description="how it is read: a name from `stillroom data`; null: that under which the recipe lists it",
    )
    path: str | None = Field(
        default=None,
        description="its file or folder; null: its own folder in corpus.folder, or its installed package",
    )
    use: Literal["learn", "benchmark"] = Field(
        default="learn",
        description="benchmark: all of it is test items, and nothing near them is learned from",
    )
    about: AboutSettings | None = Field(
        default=None, description="provenance, where it is a file of your own; null: that of the adapter"
    )
    terms: tuple[
        Literal["attribution", "share_alike", "non_commercial", "no_redistribution", "model_licence"], ...
    ] = Field(default=(), description="what its licence asks beside what the adapter knows")


class QuarantineSettings(Settings):
    """Rows that cannot be read are listed with the reason; too many end the run."""

    share: float = Field(default=0.01, ge=0, le=1, description="largest share of a source's rows")
    rows: int | None = Field(default=None, ge=0, description="most rows of a source; null: the share decides")
