"""A run under way, whatever kind of recipe it is of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stillroom.recipes.followed import FollowedStages
from stillroom.recipes.stages import Make, Stage, Stages
from stillroom.types import Progress, Settings


class RunUnderWay:
    """Each stage finds here what it is made from.

    Attributes:
        stages: makes or keeps a stage in the run folder, or follows the process that does.
        progress: is told how far each stage is.
        done: the stages so far, by name.
    """

    recipe: Settings

    def __init__(self, stages: Stages | FollowedStages, progress: Progress) -> None:
        """Bind it to its run folder."""
        self.stages = stages
        self.progress = progress
        self.done: dict[str, Stage] = {}

    def stage(
        self, name: str, inputs: Mapping[str, Any], make: Make, parents: Sequence[str] = (), **options: Any
    ) -> None:
        """Make or keep a stage; the arguments are those of :meth:`Stages.run`, parents by name."""
        self.done[name] = self.stages.run(
            name, inputs, make, parents=[self.done[parent] for parent in parents], **options
        )

    def lines(self, *names: str) -> dict[str, Any]:
        """The recipe's lines of these names, as plain data."""
        written = self.recipe.model_dump(mode="json")
        return {name: written[name] for name in names}
