"""The evidence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from stillroom.models import LanguageModel
from stillroom.recipes.evidence_files import write_evidence
from stillroom.recipes.measure import measure_all, training_curves
from stillroom.recipes.pipeline.further import not_heard
from stillroom.recipes.pipeline.shared import Pipeline
from stillroom.recipes.pipeline.start import untrained
from stillroom.types import Subject


def validate(run: Pipeline) -> None:
    """Measure all five subjects on the test split."""

    def make(out: Path, work: Path) -> None:
        evidence = measure_all(
            _models(run),
            run.bundle(),
            run.corpus,
            run.recipe.evaluate,
            max_tokens=run.recipe.max_tokens,
            precision=run.precision,
            making_seconds=_making_seconds(run),
            progress=run.progress,
        )
        curves = training_curves({subject: run.record(stage) for subject, stage in _trained(run)})
        unheard = {f"teacher_{name}_not_heard": why for name, why in not_heard(run).items()}
        facts = {**(evidence.facts or {}), **unheard}
        write_evidence(out, replace(evidence, curves=(*evidence.curves, *curves), facts=facts))

    parents = ("prepare", "teach", "control", "student", "export")
    run.stage(
        "validate", run.lines("teacher", "evaluate", "max_tokens"), make, parents=parents, folder="evidence"
    )


def _trained(run: Pipeline) -> Iterator[tuple[Subject, str]]:
    """Subjects whose training was recorded, and its stage; a teacher that is used as it is has none."""
    if run.recipe.teach is not None:
        yield "teacher", "teach"
    yield from (("control", "control"), ("student", "student"))


def _making_seconds(run: Pipeline) -> dict[Subject, float]:
    """Time of adapting teachers, and of everything that a student is made by; the control is for comparison alone."""
    seconds: dict[Subject, float] = {"teacher": 0.0, "student": 0.0}
    for stage in run.stages.finished:
        if stage.name.startswith("teach"):
            seconds["teacher"] += stage.record.seconds
        elif stage.name not in ("prepare", "gate", "control"):
            seconds["student"] += stage.record.seconds
    return seconds


def _models(run: Pipeline) -> dict[Subject, LanguageModel]:
    teacher = run.teacher()
    return {
        "teacher": teacher,
        "student_untrained": untrained(run, teacher).model,
        "control": run.model("control"),
        "student": run.model("student"),
    }
