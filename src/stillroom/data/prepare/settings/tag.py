"""What a recipe says of tags."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from stillroom.types import Settings


class TagSettings(Settings):
    """Specialty and difficulty of rows whose source does not say."""

    overwrite: bool = Field(default=False, description="tag rows too whose source says its own")
    classifier: bool = Field(
        default=False,
        description="learn specialties from the rows whose source says them (TF-IDF and logistic regression), and ask "
        "the rules only where it is not sure",
    )
    least_probability: float = Field(default=0.5, gt=0, lt=1, description="how sure the classifier must be")
    training_rows: int = Field(
        default=20_000, ge=100, description="most rows that it learns from, chosen by the hash of their id"
    )
    difficulty: Literal["stages", "levels"] = Field(
        default="stages",
        description="stages: basic_anatomy, clinical_knowledge, differential_diagnosis or treatment_planning, by what "
        "is asked. levels: basic, intermediate or advanced, by length and rare words, or by the teacher's loss",
    )
    teacher_loss: str | None = Field(
        default=None, description="CSV file with `id` and `loss`: levels are thirds of these losses"
    )
