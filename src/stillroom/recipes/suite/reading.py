"""The data of a task by themselves, without a run."""

from __future__ import annotations

from pathlib import Path

from stillroom import data as corpora
from stillroom.data.bedside.tasks import read
from stillroom.recipes.bedside_recipe import BedsideRecipe
from stillroom.recipes.suite.join import recipe_of
from stillroom.recipes.suite.shipped import Suite
from stillroom.types import Corpus
from stillroom.types.cases import Cohort


def read_task(suite: Suite, task: str, profile: str, data: Path | None) -> Cohort | Corpus:
    """Read the cohort or corpus of a task.

    Raises:
        DataError: it is not there, or not as it should be.
        RecipeError: the task and its recipe do not fit.
    """
    recipe = recipe_of(suite.tasks[task], profile, suite.rules, data)
    return read(recipe.data) if isinstance(recipe, BedsideRecipe) else corpora.load(recipe.corpus)
