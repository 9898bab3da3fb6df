"""The ``corpus`` block of a recipe."""

from __future__ import annotations

from pydantic import Field, field_validator

from stillroom.data.sampling import ItemCounts, SamplingSettings
from stillroom.data.sources import SOURCES
from stillroom.types import did_you_mean

__all__ = ["CorpusSettings", "ItemCounts"]


class CorpusSettings(SamplingSettings):
    """Which source, how much of it, and how it is split."""

    source: str = Field(description="name of a registered source")

    @field_validator("source")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in SOURCES:
            raise ValueError(f"got source {name!r}; {did_you_mean(name, SOURCES)}")
        return name
