"""A bedside recipe becomes a run folder."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from stillroom.recipes.bedside.distil import distil
from stillroom.recipes.bedside.export import export
from stillroom.recipes.bedside.report import report
from stillroom.recipes.bedside.shared import BedsideRun
from stillroom.recipes.bedside.teach import prepare, signals, teach
from stillroom.recipes.bedside.validate import validate
from stillroom.recipes.bedside_recipe import BedsideRecipe
from stillroom.recipes.events import EventLog
from stillroom.recipes.launch import number_of_processes
from stillroom.recipes.manifest import write_manifest
from stillroom.recipes.plan import stages_until
from stillroom.recipes.stages import Stage, Stages
from stillroom.recipes.text import dump
from stillroom.types import Progress, RecipeError
from stillroom.types.files import write_text

STEPS: Mapping[str, Callable[[BedsideRun], None]] = {
    "prepare": prepare,
    "teach": teach,
    "signals": signals,
    "distil": distil,
    "export": export,
    "validate": validate,
    "report": report,
}
"""What each stage of the plan does."""


def run_bedside(
    recipe: BedsideRecipe, run_dir: Path, until: str | None, fresh: Collection[str], progress: Progress
) -> list[Stage]:
    """Make or keep every stage up to one of them.

    Raises:
        StillroomError: one clear line; everything that was finished is kept.
    """
    if number_of_processes() > 1:
        raise RecipeError(
            f"a bedside recipe in {number_of_processes()} processes",
            "one process: its trainings take seconds",
            "start it with plain `stillroom run`",
        )
    events = EventLog(run_dir / "events.jsonl")
    with Stages(run_dir, progress, events, fresh) as stages:
        write_text(run_dir / "recipe.yaml", dump(recipe.model_dump(mode="json")))
        run = BedsideRun(recipe, stages, progress)
        for name in stages_until(until):
            STEPS[name](run)
            write_manifest(run_dir, recipe, stages.finished)
        return stages.finished
