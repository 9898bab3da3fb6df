"""What a recipe may say. Each block is defined by the room that uses it."""

from __future__ import annotations

from pydantic import Field

from stillroom.data.settings import CorpusSettings
from stillroom.data.written import WrittenSettings
from stillroom.export.settings import ExportSettings
from stillroom.models.settings import StudentSettings, TeacherSettings
from stillroom.recipes.engines.settings import LOCAL, EngineSettings
from stillroom.recipes.teachers import AssistantSettings, FurtherTeacherSettings
from stillroom.signals.settings import SignalSettings
from stillroom.train.curriculum import CurriculumSettings
from stillroom.train.objective import ObjectiveSettings
from stillroom.train.settings import TrainSettings
from stillroom.types import Settings
from stillroom.validate.settings import ValidateSettings


class Recipe(Settings):
    """One run, written down: every choice that changes its result, and nothing else."""

    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9._-]*$", description="name of the recipe and of its run folder"
    )
    description: str = Field(min_length=1, description="what the recipe is for, in a line")
    seed: int = Field(ge=0, lt=2**32, description="seed of every random choice that has no seed of its own")
    corpus: CorpusSettings = Field(description="what is learned from")
    max_tokens: int = Field(
        gt=1, description="longest example, in tokens; longer ones are left out and counted"
    )
    teacher: TeacherSettings = Field(description="who teaches")
    teach: TrainSettings | None = Field(
        description="how the teacher is adapted to the corpus; null takes it as it is and only calibrates it"
    )
    further_teachers: dict[str, FurtherTeacherSettings] = Field(
        default={},
        description="teachers beside the first, by a name of your own; objective.fusion says how much each is heard; "
        "one that knows no more than the untrained student is not heard at all",
    )
    assistants: tuple[AssistantSettings, ...] = Field(
        default=(), description="models between teacher and student, in the order in which they learn"
    )
    written: WrittenSettings | None = Field(
        default=None,
        description="the student learns from responses that its teacher wrote; left out, from the corpus' own",
    )
    student: StudentSettings = Field(description="who learns")
    signals: SignalSettings = Field(description="what is recorded of the teacher")
    objective: ObjectiveSettings = Field(
        description="what the student minimises; the control has hard labels only"
    )
    curriculum: CurriculumSettings | None = Field(
        default=None,
        description="what student and control learn first; left out, everything from the beginning",
    )
    train: TrainSettings = Field(description="the budget of the student, and of the control")
    export: ExportSettings = Field(description="which files the bundle holds")
    evaluate: ValidateSettings = Field(description="what is measured, and which gates must hold")
    engine: EngineSettings = Field(
        default=LOCAL,
        description="where the work is done; it changes no result, and no stage is made again for it",
    )
