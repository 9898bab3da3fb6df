"""Staged distillation: each assistant learns from the one before it, and the last one teaches the student."""

from __future__ import annotations

from stillroom.recipes.pipeline.branch import Branch
from stillroom.recipes.pipeline.distil import learn
from stillroom.recipes.pipeline.shared import Pipeline
from stillroom.recipes.pipeline.signals import signals

STAGED = "staged"


def train_assistants(run: Pipeline) -> None:
    """Train the assistants, and let the last one be the source of the student's signals.

    Student and control still start from the teacher's layers, so that both start alike.
    """
    taught_by = run.done["teach"]
    for number, settings in enumerate(run.recipe.assistants, start=1):
        changes = {"student": settings.student, "objective": settings.objective, "train": settings.train}
        branch = Branch(run, f"assistant-{number}", run.recipe.model_copy(update=changes), taught_by)
        signals(branch)
        learn(branch, "student", settings.objective, ("prepare", "teach", "signals"))
        taught_by = branch.done["student"]
    if run.recipe.assistants:
        run.source = Branch(run, STAGED, run.recipe, taught_by)
