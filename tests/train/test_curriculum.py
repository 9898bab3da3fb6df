"""Lessons: which rows each part of a training learns from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from stillroom.train import fit
from stillroom.train.curriculum import CurriculumSettings, Lesson, lessons_of
from stillroom.train.steps import lesson_rows, step_rows
from stillroom.types import Encoded, Example, TrainError
from train.tiny import model, rows, settings

LEVELS = ("basic", "intermediate", "advanced")
EXAMPLES = [Example(str(n), "p", "r", "k", "s", LEVELS[n % 3], str(n)) for n in range(9)]


def curriculum(*lessons: tuple[float, list[str]]) -> CurriculumSettings:
    parts = [{"until": until, "take": take} for until, take in lessons]
    return CurriculumSettings.model_validate({"by": "difficulty", "lessons": parts})


def test_a_lesson_takes_the_examples_with_its_tags() -> None:
    wanted = curriculum((0.5, ["basic"]), (1.0, ["basic", "advanced"]))
    assert lessons_of(wanted, EXAMPLES) == (Lesson(0.5, (0, 3, 6)), Lesson(1.0, (0, 2, 3, 5, 6, 8)))


def test_a_lesson_without_examples_is_refused() -> None:
    with pytest.raises(TrainError, match="expert; expected some of advanced, basic, intermediate"):
        lessons_of(curriculum((1.0, ["expert"])), EXAMPLES)


@pytest.mark.parametrize(
    "lessons", [[(0.5, ["basic"])], [(0.5, ["basic"]), (0.5, ["advanced"]), (1.0, ["basic"])]]
)
def test_lessons_fill_the_training(lessons: list[tuple[float, list[str]]]) -> None:
    with pytest.raises(ValidationError, match=r"the last one 1\.0"):
        curriculum(*lessons)


def test_each_step_has_rows_of_its_lesson_alone() -> None:
    given = [Encoded(np.full(4, n), 1) for n in range(8)]
    lessons = [Lesson(0.25, (0, 1)), Lesson(1.0, (6, 7))]
    steps = list(lesson_rows(given, lessons, 8, tokens_per_step=8, seed=1))
    assert len(steps) == 8
    seen = [{int(row.ids[0]) for row in step} for step in steps]
    assert all(places <= {0, 1} for places in seen[:2])
    assert all(places <= {6, 7} for places in seen[2:])


def test_without_lessons_the_order_is_the_one_of_all_rows() -> None:
    given = rows()
    plain = step_rows(given, tokens_per_step=64, seed=3)
    for ours, theirs in zip(lesson_rows(given, (), 20, tokens_per_step=64, seed=3), plain, strict=False):
        assert all(a is b for a, b in zip(ours, theirs, strict=True))


def test_a_training_in_lessons_goes_on_in_the_right_one(tmp_path: Path) -> None:
    lessons = [Lesson(0.5, tuple(range(10))), Lesson(1.0, tuple(range(10, 48)))]

    def train(work: Path, progress=lambda *_: None, **changes: object) -> str:
        student = model()
        fit(
            student,
            rows(),
            settings(**changes),
            seed=1,
            work=work,
            key="k",
            lessons=lessons,
            progress=progress,
        )
        return student.fingerprint()

    def kill(task: str, done: int, *_: object) -> None:
        if done == 6:
            raise KeyboardInterrupt

    whole = train(tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path / "cut", kill, checkpoint_seconds=1e-9)
    assert train(tmp_path / "cut") == whole
