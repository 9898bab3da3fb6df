"""Easy examples first: which rows each part of a training learns from."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal, NamedTuple, Self

from pydantic import Field, model_validator

from stillroom.types import Example, Settings, TrainError


class LessonSettings(Settings):
    """A part of the training and what it takes."""

    until: float = Field(gt=0, le=1, description="share of the steps at which it ends")
    take: tuple[str, ...] = Field(min_length=1, description="values of the tag whose examples it learns from")


class CurriculumSettings(Settings):
    """The training in lessons, one after the other. The control has the same."""

    by: Literal["difficulty", "kind", "specialty"] = Field(description="tag of the examples that decides")
    lessons: tuple[LessonSettings, ...] = Field(min_length=1, description="in their order")

    @model_validator(mode="after")
    def _lessons_fill_the_training(self) -> Self:
        ends = [0.0, *(lesson.until for lesson in self.lessons)]
        if any(a >= b for a, b in pairwise(ends)) or ends[-1] != 1.0:
            raise ValueError("lessons whose `until` rise, the last one 1.0")
        return self


class Lesson(NamedTuple):
    """The places of a lesson's rows, and the share of the steps at which it ends."""

    until: float
    rows: tuple[int, ...]


def lessons_of(curriculum: CurriculumSettings, examples: Sequence[Example]) -> tuple[Lesson, ...]:
    """Find each lesson's rows.

    Raises:
        TrainError: a lesson that no example belongs to.
    """
    found = []
    for lesson in curriculum.lessons:
        places = tuple(
            place for place, example in enumerate(examples) if getattr(example, curriculum.by) in lesson.take
        )
        if not places:
            known = sorted({getattr(example, curriculum.by) for example in examples})
            raise TrainError(
                f"no training example has a {curriculum.by} of {' or '.join(lesson.take)}",
                f"some of {', '.join(known)}",
                "correct curriculum.lessons",
            )
        found.append(Lesson(lesson.until, places))
    return tuple(found)
