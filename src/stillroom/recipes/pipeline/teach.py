"""The teacher, adapted, calibrated, and held against the gate."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stillroom.models import LanguageModel
from stillroom.models.calibration import fit_temperature, fold_temperature
from stillroom.recipes.measure import require_better_teacher
from stillroom.recipes.pipeline.shared import Pipeline, write_evidence, write_record
from stillroom.recipes.pipeline.start import loaded, require_exportable_student, untrained
from stillroom.types.record import TrainRecord


def teach(run: Pipeline) -> None:
    """Adapt the teacher to the corpus, calibrate it, and hold it against the gate."""

    def adapt(work: Path) -> tuple[LanguageModel, TrainRecord]:
        teacher = loaded(run.recipe.teacher)
        require_exportable_student(run, teacher)
        return teacher, run.fit(teacher, run.recipe.teach, work, inputs, "teach")

    def make(out: Path, work: Path) -> Mapping[str, Any]:
        teacher, record = adapt(work)
        write_record(out, record)
        temperature = fit_temperature(teacher, run.rows(teacher, "validation"), run.precision)
        fold_temperature(teacher, temperature)
        teacher.save(out)
        return {"calibration_temperature": temperature, "parameters": teacher.parameters}

    inputs = run.lines("teacher", "teach", "max_tokens", "seed")
    run.stage("teach", inputs, make, parents=("prepare",), folder="teacher", join=adapt)
    _gate(run)


def _gate(run: Pipeline) -> None:
    def make(out: Path, work: Path) -> None:
        teacher = run.model("teach")
        evidence = require_better_teacher(
            teacher,
            untrained(run, teacher).model,
            run.corpus,
            run.recipe.evaluate,
            max_tokens=run.recipe.max_tokens,
            precision=run.precision,
            progress=run.progress,
        )
        write_evidence(out, evidence)

    inputs = run.lines("student", "evaluate", "max_tokens")
    run.stage("gate", inputs, make, parents=("prepare", "teach"))
