"""The control and the student."""

from __future__ import annotations

from pathlib import Path

from stillroom.models import build_student
from stillroom.recipes.pipeline.shared import Pipeline
from stillroom.signals import SignalStore
from stillroom.signals.recording import tokenizer_fingerprint
from stillroom.train import HARD_LABELS, ObjectiveSettings


def distil(run: Pipeline) -> None:
    """Train the control on hard labels and the student on the teacher's knowledge, at the same budget."""
    _learn(run, "control", HARD_LABELS, ("prepare", "teach"))
    _learn(run, "student", run.recipe.objective, ("prepare", "teach", "signals"))


def _learn(run: Pipeline, name: str, objective: ObjectiveSettings, parents: tuple[str, ...]) -> None:
    def make(out: Path, work: Path) -> None:
        teacher = run.model("teach")
        student = build_student(teacher, run.recipe.student)
        signals = None
        if "signals" in parents:
            signals = SignalStore.open(
                run.done["signals"].path,
                teacher.fingerprint(),
                tokenizer=tokenizer_fingerprint(teacher.tokenizer),
                temperature=objective.constant_temperature,
                encryption=run.recipe.signals.encryption,
            )
        del teacher  # its memory is not needed while the student trains
        run.fit(student, run.recipe.train, out, work, inputs, name, objective, signals)
        student.save(out)

    inputs = {
        **run.lines("student", "train", "max_tokens", "seed"),
        "objective": objective.model_dump(),
    }
    run.stage(name, inputs, make, parents=parents)
