"""The teacher, adapted, calibrated, and held against the gate."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stillroom.models import LanguageModel
from stillroom.models.calibration import fit_temperature, fold_temperature
from stillroom.models.holding import hold_teacher, teaching_device
from stillroom.models.quantised import held_bytes
from stillroom.models.taught import keep_adapted, keep_as_it_is
from stillroom.recipes.evidence_files import write_evidence
from stillroom.recipes.measure import require_better_teacher
from stillroom.recipes.pipeline.readers import require_readable
from stillroom.recipes.pipeline.shared import Pipeline, write_record
from stillroom.recipes.pipeline.start import as_it_is, loaded, require_exportable_student, untrained
from stillroom.train import TrainSettings
from stillroom.types.record import TrainRecord


def teach(run: Pipeline) -> None:
    """Make the teacher, and hold it against the gate."""
    teach_one(run)
    _gate(run)


def teach_one(run: Pipeline) -> None:
    """Adapt a teacher to the corpus or take it as it is, and calibrate it as it is held."""
    if run.recipe.teach is None:
        _calibrate(run)
    else:
        _adapt(run, run.recipe.teach)


def compare(run: Pipeline, out: Path) -> None:
    """Write down the evidence that a teacher knows more than the untrained student.

    Raises:
        GateError: it does not.
    """
    teacher = run.teacher()
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


def _adapt(run: Pipeline, settings: TrainSettings) -> None:
    def adapt(work: Path) -> tuple[LanguageModel, TrainRecord]:
        teacher = loaded(run.recipe.teacher)
        require_exportable_student(run, teacher)
        require_readable(run, teacher)
        examples = run.recipe.teacher.examples
        return teacher, run.fit(teacher, settings, work, inputs, "teach", examples=examples)

    def make(out: Path, work: Path) -> Mapping[str, Any]:
        teacher, record = adapt(work)
        write_record(out, record)
        held = hold_teacher(teacher, run.recipe.teacher, teaching_device())
        temperature = _fitted(run, held)
        fold_temperature(teacher, temperature)
        keep_adapted(teacher, out, run.recipe.teacher)
        return {"calibration_temperature": temperature, **_facts(held)}

    inputs = run.lines("teacher", "teach", "max_tokens", "seed")
    run.stage("teach", inputs, make, parents=("prepare",), folder="teacher", join=adapt)


def _calibrate(run: Pipeline) -> None:
    def make(out: Path, work: Path) -> Mapping[str, Any]:
        held = as_it_is(run.recipe.teacher)
        require_exportable_student(run, held)
        require_readable(run, held)
        temperature = _fitted(run, held)
        keep_as_it_is(held, out, run.recipe.teacher, temperature)
        return {"calibration_temperature": temperature, **_facts(held)}

    inputs = run.lines("teacher", "teach", "max_tokens")
    run.stage("teach", inputs, make, parents=("prepare",), folder="teacher")


def _fitted(run: Pipeline, held: LanguageModel) -> float:
    return fit_temperature(held, run.rows(held, "validation"), run.precision)


def _facts(held: LanguageModel) -> Mapping[str, Any]:
    """Size of the teacher; and its name, so that a stage changes with what it would load."""
    return {
        "parameters": held.parameters,
        "bytes_held": held_bytes(held.network),
        "fingerprint": held.fingerprint(),
    }


def _gate(run: Pipeline) -> None:
    def make(out: Path, work: Path) -> None:
        compare(run, out)

    inputs = run.lines("teacher", "student", "evaluate", "max_tokens")
    run.stage("gate", inputs, make, parents=("prepare", "teach"))
