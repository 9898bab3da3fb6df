"""Stages of a run that are done again with another teacher or student, under names of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stillroom.recipes.pipeline.shared import Pipeline
from stillroom.recipes.schema import Recipe
from stillroom.recipes.stages import Make, Stage

SEPARATOR = "."


class Branch(Pipeline):
    """A run beside the run: it shares what is done so far, and keeps its own stages as ``stage.name``.

    Args:
        run: the run that it leaves.
        name: of the branch.
        recipe: what is different in it.
        teacher: the stage that holds its teacher; the run's own by default.
    """

    def __init__(self, run: Pipeline, name: str, recipe: Recipe, teacher: Stage | None = None) -> None:
        super().__init__(recipe, run.stages, run.progress, run.engine)
        self.name = name
        self.done = dict(run.done) if teacher is None else {**run.done, "teach": teacher}

    def stage(
        self,
        name: str,
        inputs: Mapping[str, Any],
        make: Make,
        parents: Sequence[str] = (),
        *,
        folder: str | None = None,
        **options: Any,
    ) -> None:
        """Make or keep a stage under the branch's name; later stages of the branch find it under its own."""
        self.done[name] = self.stages.run(
            f"{name}{SEPARATOR}{self.name}",
            inputs,
            make,
            parents=[self.done[parent] for parent in parents],
            folder=f"{folder or name}{SEPARATOR}{self.name}",
            **options,
        )
