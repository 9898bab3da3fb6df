"""The evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from stillroom.models import LanguageModel
from stillroom.recipes.measure import measure_all, training_curves
from stillroom.recipes.pipeline.shared import Pipeline, write_evidence
from stillroom.recipes.pipeline.start import untrained
from stillroom.types import Subject

_TRAINED: Mapping[Subject, str] = {"teacher": "teach", "control": "control", "student": "student"}


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
            progress=run.progress,
        )
        curves = training_curves({subject: run.record(stage) for subject, stage in _TRAINED.items()})
        write_evidence(out, replace(evidence, curves=(*evidence.curves, *curves)))

    parents = ("prepare", "teach", "control", "student", "export")
    run.stage("validate", run.lines("evaluate", "max_tokens"), make, parents=parents, folder="evidence")


def _models(run: Pipeline) -> dict[Subject, LanguageModel]:
    teacher = run.model("teach")
    return {
        "teacher": teacher,
        "student_untrained": untrained(run, teacher).model,
        "control": run.model("control"),
        "student": run.model("student"),
    }
