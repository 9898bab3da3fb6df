"""A task and a method become a recipe, or the reason why they do not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from stillroom.losses import LOSSES
from stillroom.recipes.bedside_recipe import BedsideRecipe
from stillroom.recipes.loading import load
from stillroom.recipes.schema import Recipe
from stillroom.recipes.suite.settings import Method, Objective, Rules, SuiteTask
from stillroom.types import RecipeError, did_you_mean
from stillroom.types.cases import LOGITS

STAGE, POOLED = "stage", "pooled"


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """A method that a task cannot honour.

    Attributes:
        why: the reason, in a line.
    """

    why: str


def recipe_of(
    task: SuiteTask, profile: str, rules: Rules, data: Path | None, objective: Mapping[str, Any] | None = None
) -> Recipe | BedsideRecipe:
    """The recipe of a task in a profile, with an objective of its own or that of a method.

    Args:
        task: of the suite.
        profile: one that the task has.
        rules: of the suite; they give the seeds.
        data: folder that holds a folder of each data set; None: as the recipe says.
        objective: what takes the place of the recipe's.

    Raises:
        RecipeError: the recipe and the task's lines do not fit.
    """
    recipe = load(task.recipe, task.profiles[profile].changes)
    written = recipe.model_dump(mode="json")
    if objective is not None:
        written["objective"] = dict(objective)
    written["evaluate"]["gates"] = []
    written["evaluate"]["bootstrap_repeats"] = rules.repeats[profile]
    if isinstance(recipe, BedsideRecipe):
        written["evaluate"] |= {"explain": None, "shift": None}  # axes that the suite does not tell
        written["seeds"] = list(rules.seeds[profile])
        written["signals"] = {"features": list(_features(task))}
        if data is not None and not task.packaged:
            written["data"]["folder"] = str(data / recipe.data.folder.name)
    return load(written)


def objective_of(task: SuiteTask, method: Method) -> Mapping[str, Any] | NotApplicable | None:
    """What a method makes of a task's objective; None: what the recipe says itself."""
    if method.as_shipped:
        return None
    form = getattr(method, task.head)
    if form is None or isinstance(form, str):
        return NotApplicable(form or f"its file has no form for {task.head}")
    if isinstance(form, Objective):
        return _placed(task, form)
    return dict(form)


def joined(
    task: SuiteTask, method: Method, profile: str, rules: Rules, data: Path | None
) -> Recipe | BedsideRecipe | NotApplicable:
    """The recipe of a method on a task, or why there is none.

    Raises:
        RecipeError: the task by itself makes no recipe.
    """
    recipe_of(task, profile, rules, data)
    objective = objective_of(task, method)
    if isinstance(objective, NotApplicable):
        return objective
    try:
        return recipe_of(task, profile, rules, data, objective)
    except RecipeError as error:
        return NotApplicable(error.expected.partition(": set")[0])


def _features(task: SuiteTask) -> tuple[str, ...]:
    """What every method's teacher shows, so that all methods have one teacher."""
    return (*([task.stage] if task.stage else []), *([POOLED] if task.pooled else []))


def _placed(task: SuiteTask, form: Objective) -> Mapping[str, Any] | NotApplicable:
    """Terms with the task's own name for a stage."""
    terms = {}
    for name, term in form.terms.items():
        at = term.get("at", LOGITS)
        if at == STAGE and task.stage is None:
            return NotApplicable("teacher and student do not both show features with sites")
        if at == POOLED and not task.pooled:
            return NotApplicable("the teacher shows no embedding")
        if at == LOGITS and (why := _refusal(str(term["loss"]), task.outputs)):
            return NotApplicable(why)
        terms[name] = {**term, "at": task.stage if at == STAGE else at}
    return {"terms": terms}


def _refusal(loss: str, outputs: int) -> str:
    """Why a loss refuses logits of so many outputs; empty where it does not.

    Raises:
        RecipeError: there is no such loss.
    """
    if loss not in LOSSES:
        raise RecipeError(f"unknown loss {loss!r}", "a loss of the registry", did_you_mean(loss, LOSSES))
    logits = torch.empty(4, outputs, device="meta")
    try:
        LOSSES[loss].check(logits, logits)
    except ValueError as error:
        return str(error).partition(", because")[0]
    return ""
