"""What the files of the suite may say: its rules, its tasks, its methods."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from stillroom.types import Settings, Split

HeadKind = Literal["classes", "labels", "values"]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Reason = Annotated[str, Field(min_length=1)]


class Rules(Settings):
    """``suite.yaml``: what holds for every task and method."""

    name: str = Field(description="of the suite")
    version: str = Field(
        pattern=r"^\d+\.\d+\.\d+$", description="a figure may be compared only with one of the same version"
    )
    control: str = Field(description="the method that every other one is held against")
    seeds: dict[str, tuple[int, ...]] = Field(min_length=1, description="of student and control, by profile")
    repeats: dict[str, Annotated[int, Field(ge=100)]] = Field(
        description="resamples of each interval, by profile"
    )
    reporting: tuple[str, ...] = Field(min_length=1, description="how results are told, in sentences")

    @model_validator(mode="after")
    def _profiles_agree(self) -> Self:
        if self.seeds.keys() != self.repeats.keys():
            raise ValueError("`seeds` and `repeats` of the same profiles")
        return self


class Profile(Settings):
    """How much of a task is done."""

    changes: tuple[str, ...] = Field(default=(), description="key=value items laid over the task's recipe")
    teach_seconds: float = Field(
        ge=0, description="cohort, teacher and signals, on the machine of `docs/benchmark.md`: a rough guide"
    )
    student_seconds: float = Field(ge=0, description="one student with its measuring, on the same machine")
    splits: dict[Split, Sha256] = Field(description="SHA-256 of each split: who is in it, and the truth")
    deploy: bool = Field(default=True, description="whether one student is exported, and its answers timed")


class SuiteTask(Settings):
    """``tasks/<name>.yaml``: a recipe whose splits are fixed."""

    recipe: str = Field(description="the shipped recipe that names data, teacher, student and budget")
    area: str = Field(min_length=1, description="kind of data, in a word or two")
    figure: str = Field(description="what methods are ranked by, measured on the test split")
    stage: str | None = Field(
        default=None, description="a feature with sites that teacher and student both show; null: none"
    )
    pooled: bool = Field(default=False, description="whether the teacher, a network, shows its embedding")
    head: HeadKind | Literal["language"] = Field(description="what is asked of each case")
    outputs: int = Field(default=0, ge=0, description="classes, labels or values; of language 0")
    packaged: bool = Field(default=False, description="the data come with a Python package, not in a folder")
    shares: str = Field(
        default="", description="a task whose trainings this one is another figure of; it is not ranked twice"
    )
    profiles: dict[str, Profile] = Field(min_length=1, description="small, full; a task may lack one")


class Objective(Settings):
    """What a bedside student minimises; the recipe's blocks of the same names."""

    terms: dict[str, dict[str, Any]] = Field(min_length=1, description="as `objective.terms` of a recipe")


class Method(Settings):
    """``methods/<name>.yaml``: what a method changes in the objective, and nothing else.

    Where a term says ``at: stage``, the feature is meant that the task names. A sentence in place of a block says why
    there is none.
    """

    title: str = Field(min_length=1)
    what: str = Field(min_length=1, description="what it transfers, in a sentence")
    source: str = Field(description="paper; its published settings, not tuned")
    as_shipped: bool = Field(default=False, description="the objective of the task's own recipe, unchanged")
    classes: Objective | Reason | None = Field(default=None, description="one of several classes")
    labels: Objective | Reason | None = Field(default=None, description="any number of labels")
    values: Objective | Reason | None = Field(default=None, description="numbers")
    language: dict[str, Any] | Reason | None = Field(
        default=None, description="keys of a language recipe's `objective`"
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        said = any(isinstance(form, Objective | dict) for form in (self.classes, self.labels, self.language))
        if said == self.as_shipped:
            raise ValueError("either `as_shipped: true`, or an objective for some kind of head")
        return self
