"""What a recipe says of the Human Phenotype Ontology."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from stillroom.data.sampling import SplitSettings
from stillroom.types import Settings, Split


class ItemCounts(Settings):
    """The most items of each kind in one split."""

    definitions: int = Field(ge=0, description="term → its definition")
    synonyms: int = Field(ge=0, description="lay phrase or synonym → preferred clinical term")
    differentials: int = Field(ge=0, description="findings → most likely disease among four")

    def by_kind(self) -> dict[str, int]:
        """The counts by the examples' ``kind``."""
        return {
            "definition": self.definitions,
            "synonym": self.synonyms,
            "differential": self.differentials,
        }


class HpoSettings(SplitSettings):
    """Definitions, synonyms and differential diagnoses of the Human Phenotype Ontology."""

    source: Literal["hpo"] = Field(description="which source is learned from")
    train: ItemCounts = Field(description="most items in the training split")
    validation: ItemCounts = Field(description="most items in the validation split")
    test: ItemCounts = Field(description="most items in the test split")

    def counts(self, split: Split) -> ItemCounts:
        """The most items of each kind in a split."""
        return {"train": self.train, "validation": self.validation, "test": self.test}[split]

    def items(self, split: Split) -> int:
        """The most items of a split."""
        return sum(self.counts(split).by_kind().values())
