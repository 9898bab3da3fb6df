"""What a bedside recipe may say. Each block is defined by the room that uses it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from stillroom.data.bedside.heart_disease import HeartDiseaseSettings
from stillroom.data.bedside.labels import AS_THEY_ARE, LabelSettings
from stillroom.data.bedside.tasks import TASKS, TaskSettings
from stillroom.export.onnx.settings import OnnxSettings
from stillroom.models.bedside.settings import BackboneSettings
from stillroom.train.bedside.objective import CaseObjectiveSettings
from stillroom.train.bedside.personal.settings import PersonaliseSettings
from stillroom.train.bedside.settings import (
    CaseAssistantSettings,
    CaseFusionSettings,
    CaseSignalSettings,
    CaseTeacherSettings,
)
from stillroom.train.settings import TrainSettings
from stillroom.types import Settings
from stillroom.types.cases import LOGITS
from stillroom.validate.classification.settings import ThresholdSettings
from stillroom.validate.explain.settings import ExplainSettings
from stillroom.validate.privacy.settings import PrivacySettings
from stillroom.validate.settings import GateSettings
from stillroom.validate.shift.settings import ShiftSettings

BEDSIDE = "bedside"

_ACROSS_MEMBERS = ("attention_transfer", "minilm", "minilm_v2")
"""Losses on features that ask where a network looks, or how it relates tokens, not in which channel."""

Seed = Annotated[int, Field(ge=0, lt=2**32)]


class MeasureSettings(Settings):
    """How much is measured and how sure the figures are. Everything is chosen on validation data."""

    critical: tuple[str, ...] = Field(
        default=(), description="of three classes or more, those that must not be missed"
    )
    threshold: ThresholdSettings = Field(
        default=ThresholdSettings(rule="youden", value=None),
        description="how each subject's threshold is chosen on validation data",
    )
    rare_cases: int = Field(
        default=0,
        ge=0,
        description="classes or labels of fewer training cases are rare: their mean figures are told by themselves too",
    )
    bootstrap_repeats: int = Field(default=1000, ge=100, le=100_000, description="resamples of each interval")
    ece_bins: int = Field(default=15, ge=2, le=100, description="bins of the reliability diagram and of ECE")
    explain: ExplainSettings | None = Field(
        default=None, description="what teacher and student look at, by the extra explain; null: not asked"
    )
    privacy: PrivacySettings | None = Field(
        default=PrivacySettings(), description="attacks on who was learned from; null: none"
    )
    shift: ShiftSettings | None = Field(
        default=None,
        description="what is out of the domain, and is compared with what is inside; null: nothing",
    )
    gates: tuple[GateSettings, ...] = Field(default=(), description="rules held against the evidence")


class BedsideRecipe(Settings):
    """One run of a bedside task, written down: every choice that changes its result, and nothing else."""

    kind: Literal["bedside"] = Field(description="a task that is no language model")
    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9._-]*$", description="name of the recipe and of its run folder"
    )
    description: str = Field(min_length=1, description="what the recipe is for, in a line")
    seed: Seed = Field(description="seed of the teachers' draws, and of all that has no seed of its own")
    seeds: tuple[Seed, ...] = Field(
        min_length=1,
        description="of each a control and a student are trained; figures are means over them. The first is published",
    )
    data: TaskSettings = Field(description="the task, and where its data lie")
    labels: LabelSettings = Field(
        default=AS_THEY_ARE, description="which training labels are seen; as they are by default"
    )
    teachers: dict[str, CaseTeacherSettings] = Field(
        min_length=1, description="who teaches, by names of your own"
    )
    fusion: CaseFusionSettings | None = Field(
        default=None, description="how several teachers are heard; with one teacher, null"
    )
    signals: CaseSignalSettings = Field(
        default=CaseSignalSettings(), description="what is kept of the teacher beside its logits"
    )
    assistants: dict[str, CaseAssistantSettings] = Field(
        default={},
        description="networks between teachers and student, in their order, by names of your own: each learns from "
        "those before it, the student from the last",
    )
    student: BackboneSettings = Field(description="who learns")
    objective: CaseObjectiveSettings = Field(
        description="what the student minimises; the control has hard labels only"
    )
    class_balance: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="cases weigh (size of their class)^-this, control's and student's alike; with 1 all classes have "
        "an equal say; for cases of one class each",
    )
    train: TrainSettings = Field(description="the budget of the student, and of the control")
    export: OnnxSettings = Field(default=OnnxSettings(), description="the bundle")
    personalise: PersonaliseSettings | None = Field(
        default=None, description="adaptation to each patient; null: the bundle is locked"
    )
    evaluate: MeasureSettings = Field(description="what is measured, and which gates must hold")

    @model_validator(mode="after")
    def _blocks_fit(self) -> BedsideRecipe:
        if (len(self.teachers) > 1) != (self.fusion is not None):
            raise ValueError("`fusion` with several teachers, and only then")
        if self.fusion is not None and self.fusion.shares and len(self.fusion.shares) != len(self.teachers):
            raise ValueError(f"one share for each of {len(self.teachers)} teachers")
        if self.student.kind == "decoder":
            raise ValueError("`student` of another kind: no bundle holds a language model's frozen layers")
        self._features_fit()
        self._axes_fit()
        if len(set(self.seeds)) < len(self.seeds):
            raise ValueError("`seeds` that differ")
        return self

    def _axes_fit(self) -> None:
        task, asked = TASKS[self.data.task], self.evaluate
        unexplained = asked.explain is None and asked.shift is None
        if (task.spacing_mm or task.measured == "entities") and not (unexplained and asked.privacy is None):
            raise ValueError("`explain`, `privacy` and `shift` of `evaluate` null for outlines and tags")
        if task.measured == "numbers" and not unexplained:
            raise ValueError("`explain` and `shift` of `evaluate` null for numbers")
        one_domain = isinstance(self.data, HeartDiseaseSettings) and self.data.held_out is None
        if one_domain and asked.shift is not None and asked.shift.data is None:
            raise ValueError(
                "`evaluate.shift` null, or of other `data`: without `data.held_out` no site is outside of what was "
                "learned from"
            )

    def _features_fit(self) -> None:
        """Every network has channels of its own, so that members and teachers cannot be mixed in them."""
        if self.signals.features and len(self.teachers) > 1:
            raise ValueError("`signals.features` of one teacher: several have features of their own each")
        members = max(teacher.folds for teacher in self.teachers.values())
        for name, term in self.objective.terms.items():
            of_features = term.of == "teacher" and (term.stages or LOGITS not in (term.at, term.teacher_at))
            if of_features and members > 1 and term.loss not in _ACROSS_MEMBERS:
                raise ValueError(
                    f"objective.terms.{name}: {term.loss} compares channels, and each of {members} members has its "
                    f"own: set the teacher's `folds: 1`, or take {', '.join(_ACROSS_MEMBERS)}"
                )
