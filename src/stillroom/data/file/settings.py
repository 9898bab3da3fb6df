"""What a recipe says of a file of its own."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from stillroom.data.sampling import SplitSettings
from stillroom.types import Settings, Split


class AboutSettings(Settings):
    """Where the file comes from, and on what terms: passed on to the student's card."""

    name: str = Field(min_length=1, description="name of the data set")
    version: str = Field(description="version or commit")
    licence: str = Field(min_length=1, description="licence, by its SPDX name where it has one")
    url: str = Field(description="where it is published")
    citation: str = Field(description="how to cite it")


class ColumnSettings(Settings):
    """Which keys of a line hold what."""

    id: str | tuple[str, ...] = Field(
        min_length=1,
        description="identifier, unique and safe to log: never a patient's name or number; several keys are joined",
    )
    prompt: str = Field(description="the question or instruction")
    response: str = Field(description="the answer")
    group: str = Field(description="what may not be in two splits: patient, document or concept")
    kind: str | None = Field(default=None, description="kind of task; 'answer' for all by default")
    specialty: str | None = Field(default=None, description="specialty; 'general' for all by default")
    difficulty: str | None = Field(
        default=None, description="basic, intermediate or advanced; intermediate for all by default"
    )


class FileSettings(SplitSettings):
    """Questions and answers from a JSON Lines file, plain or gzipped."""

    source: Literal["file"] = Field(description="which source is learned from")
    path: str = Field(min_length=1, description="the file")
    about: AboutSettings = Field(description="provenance")
    columns: ColumnSettings = Field(description="which keys hold what")
    train: int = Field(gt=0, description="most items in the training split")
    validation: int = Field(gt=0, description="most items in the validation split")
    test: int = Field(gt=0, description="most items in the test split")
    response_characters: int | None = Field(
        gt=0,
        description="responses are shortened to as many whole sentences as fit, and left out where the first does not; "
        "null: as they are",
    )

    def items(self, split: Split) -> int:
        """The most items of a split."""
        return {"train": self.train, "validation": self.validation, "test": self.test}[split]
