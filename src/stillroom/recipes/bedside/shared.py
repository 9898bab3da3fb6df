"""What the stages of a bedside run share: the recipe, the folder, and the results so far."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stillroom.data.bedside.store import load_saved
from stillroom.models.bedside.backbones import load_network
from stillroom.models.bedside.network import BedsideNetwork, Form
from stillroom.recipes.bedside.answers import rows_of
from stillroom.recipes.bedside_recipe import BedsideRecipe
from stillroom.recipes.stages import Stages
from stillroom.recipes.under_way import RunUnderWay
from stillroom.signals.cases import CaseSignals
from stillroom.types import SPLITS, Progress, Split
from stillroom.types.cases import Case, Cohort

SAID = "said.safetensors"


class BedsideRun(RunUnderWay):
    """A run of a bedside recipe.

    Attributes:
        recipe: what to do.
    """

    recipe: BedsideRecipe

    def __init__(self, recipe: BedsideRecipe, stages: Stages, progress: Progress) -> None:
        """Bind a recipe to its run folder."""
        super().__init__(stages, progress)
        self.recipe = recipe

    @cached_property
    def cohort(self) -> Cohort:
        """The prepared cohort."""
        return load_saved(self.done["prepare"].path / "cohort")

    @cached_property
    def form(self) -> Form:
        """What a network of this cohort takes and gives."""
        return Form.of(self.cohort)

    def cases(self, split: Split) -> tuple[Case, ...]:
        """The cases of a split."""
        return self.cohort.splits[split]

    @property
    def different_cases(self) -> list[Case]:
        """Cases of all splits; equal inputs are one case to a teacher."""
        return list({case.sha256: case for split in SPLITS for case in self.cases(split)}.values())

    def truth(self, split: Split) -> NDArray[Any]:
        """The truth of a split, one row for each case; for each position where cases have different numbers of them."""
        targets = [case.target for case in self.cases(split)]
        alike = len({target.shape for target in targets}) == 1
        return np.stack(targets) if alike else rows_of(targets)

    def signals(self) -> CaseSignals:
        """What the teachers, heard as one, say of every case."""
        return self.said("signals")

    def said(self, stage: str) -> CaseSignals:
        """What a stage, of teachers or of an assistant, says of every case."""
        return CaseSignals.load(self.done[stage].path / SAID)

    @property
    def last_teacher(self) -> str:
        """The stage whose signals the student learns from: the last assistant's, or the teachers'."""
        return next((f"assist.{name}" for name in reversed(self.recipe.assistants)), "signals")

    def network(self, stage: str) -> BedsideNetwork:
        """The network that a stage made."""
        return load_network(self.done[stage].path / "network")

    def facts(self, stage: str) -> Mapping[str, Any]:
        """What a stage reported."""
        return self.done[stage].facts


def read_json(path: Path) -> Any:
    """Read what a stage wrote."""
    return json.loads(path.read_text(encoding="utf-8"))
