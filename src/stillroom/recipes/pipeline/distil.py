"""The control and the student."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from stillroom.models import LanguageModel
from stillroom.models.student import cut_student
from stillroom.recipes.pipeline.further import fitting, further_heard
from stillroom.recipes.pipeline.shared import Pipeline, write_record
from stillroom.recipes.pipeline.source import open_source
from stillroom.recipes.pipeline.start import loaded, untrained, with_start
from stillroom.train import HARD_LABELS, ObjectiveSettings
from stillroom.types.record import TrainRecord


def distil(run: Pipeline) -> None:
    """Train the control on hard labels and the student on the teachers' knowledge, at the same budget."""
    learn(run, "control", HARD_LABELS, ("prepare", "teach"))
    for name, branch in run.branches.items():
        run.done |= {
            f"{stage}.{name}": branch.done[stage] for stage in ("gate", "signals") if stage in branch.done
        }
    told = tuple(stage for stage in ("write", "signals") if stage in run.done)
    learn(run, "student", fitting(run.recipe.objective, run), ("prepare", "teach", *told))


def learn(run: Pipeline, name: str, objective: ObjectiveSettings, parents: tuple[str, ...]) -> None:
    """Train a student of the run's teacher, from the sources among its parents."""

    def train(work: Path) -> tuple[LanguageModel, TrainRecord]:
        teacher = run.teacher()
        student, begun = untrained(run, teacher).model, with_start(objective, run, teacher)
        peer = None if objective.mutual is None else _peer(run, teacher, objective.mutual.layers)
        heard = [(who, who.teacher()) for who in (run.source, *further_heard(run)) if "signals" in parents]
        sources = [open_source(*pair) for pair in heard]
        student = _owing(student, [model for _, model in heard])
        del teacher, heard  # their memory is not needed while the student trains, unless they are the sources
        curriculum = run.recipe.curriculum
        learned_from = run if name == "control" else run.source
        return student, learned_from.fit(
            student, run.recipe.train, work, inputs, name, begun, sources, curriculum, peer=peer
        )

    def make(out: Path, work: Path) -> None:
        student, record = train(work)
        write_record(out, record)
        student.save(out)

    inputs = {
        **run.lines("student", "train", "curriculum", "max_tokens", "seed"),
        "objective": objective.model_dump(),
    }
    run.stage(name, inputs, make, parents=(*parents, *_further(run, parents)), join=train)


def _owing(student: LanguageModel, teachers: Sequence[LanguageModel]) -> LanguageModel:
    """The student with the provenance of all its teachers, whose terms pass on to it."""
    sources = dict.fromkeys((*student.sources, *(source for model in teachers for source in model.sources)))
    return replace(student, sources=tuple(sources))


def _further(run: Pipeline, parents: tuple[str, ...]) -> list[str]:
    """What further teachers were found to know is a parent too."""
    if "signals" not in parents:
        return []
    return [stage for stage in run.done if stage.startswith(("gate.", "signals."))]


def _peer(run: Pipeline, teacher: LanguageModel, layers: tuple[int, ...]) -> LanguageModel:
    settings = run.recipe.student.model_copy(update={"layers": layers})
    start = teacher if settings.start_from is None else loaded(settings.start_from)
    return cut_student(start, settings, ()).model
