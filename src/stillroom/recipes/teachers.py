"""Recipe blocks of runs with more than one teacher, at once or one after the other."""

from __future__ import annotations

from pydantic import Field

from stillroom.models.settings import StudentSettings, TeacherSettings
from stillroom.train.objective import ObjectiveSettings
from stillroom.train.settings import TrainSettings
from stillroom.types import Settings


class FurtherTeacherSettings(Settings):
    """A teacher beside the first. It must read as the first does, or the student start from a model of its own."""

    teacher: TeacherSettings = Field(description="who teaches")
    teach: TrainSettings | None = Field(
        description="how it is adapted to the corpus; null takes it as it is and only calibrates it"
    )


class AssistantSettings(Settings):
    """A model between teacher and student: it learns from the one before it, and teaches the next."""

    student: StudentSettings = Field(description="what it starts as, cut from the one before it")
    objective: ObjectiveSettings = Field(description="what it minimises")
    train: TrainSettings = Field(description="its budget, beside the student's own")
