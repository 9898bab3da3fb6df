"""How much of a source is taken, and how it is split."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

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


class SamplingSettings(Settings):
    """What any source needs to know to build a corpus."""

    seed: int = Field(ge=0, description="chooses items, wording and options; never the split")
    train: ItemCounts = Field(description="most items in the training split")
    validation: ItemCounts = Field(description="most items in the validation split")
    test: ItemCounts = Field(description="most items in the test split")
    validation_share: float = Field(gt=0, lt=1, description="share of concepts held out for validation")
    test_share: float = Field(gt=0, lt=1, description="share of concepts held out for the test")

    @model_validator(mode="after")
    def _leave_some_to_train(self) -> Self:
        held_out = self.validation_share + self.test_share
        if held_out >= 1:
            raise ValueError(
                f"validation_share + test_share is {held_out:g}; must leave concepts to train on"
            )
        return self

    def counts(self, split: Split) -> ItemCounts:
        """The most items of each kind in a split."""
        return {"train": self.train, "validation": self.validation, "test": self.test}[split]
