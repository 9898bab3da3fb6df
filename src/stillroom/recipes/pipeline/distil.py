"""The control and the student."""

from __future__ import annotations

from pathlib import Path

from stillroom.models import LanguageModel
from stillroom.recipes.pipeline.shared import Pipeline, write_record
from stillroom.recipes.pipeline.source import open_source
from stillroom.recipes.pipeline.start import untrained
from stillroom.train import HARD_LABELS, ObjectiveSettings
from stillroom.types.record import TrainRecord


def distil(run: Pipeline) -> None:
    """Train the control on hard labels and the student on the teacher's knowledge, at the same budget."""
    _learn(run, "control", HARD_LABELS, ("prepare", "teach"))
    _learn(run, "student", run.recipe.objective, ("prepare", "teach", "signals"))


def _learn(run: Pipeline, name: str, objective: ObjectiveSettings, parents: tuple[str, ...]) -> None:
    def train(work: Path) -> tuple[LanguageModel, TrainRecord]:
        teacher = run.teacher()
        student = untrained(run, teacher).model
        signals = None
        if "signals" in parents:
            signals = open_source(run, teacher)
        del teacher  # its memory is not needed while the student trains, unless it is the source
        curriculum = run.recipe.curriculum
        return student, run.fit(student, run.recipe.train, work, inputs, name, objective, signals, curriculum)

    def make(out: Path, work: Path) -> None:
        student, record = train(work)
        write_record(out, record)
        student.save(out)

    inputs = {
        **run.lines("student", "train", "curriculum", "max_tokens", "seed"),
        "objective": objective.model_dump(),
    }
    run.stage(name, inputs, make, parents=parents, join=train)
