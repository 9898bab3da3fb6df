"""What a run of the suite would do: every cell, whether it can be done, and about how long it takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stillroom.recipes.bedside_recipe import BedsideRecipe
from stillroom.recipes.record import RECORD
from stillroom.recipes.schema import Recipe
from stillroom.recipes.suite.join import NotApplicable, joined, recipe_of
from stillroom.recipes.suite.settings import SuiteTask
from stillroom.recipes.suite.shipped import Suite
from stillroom.types import RecipeError, did_you_mean
from stillroom.validate.suite.results import State


@dataclass(frozen=True, slots=True)
class PlannedCell:
    """One method on one task.

    Attributes:
        task: its name.
        method: its name.
        why: why nothing is run.
        recipes: what is run, by seed, named after its folder; the seeds of a bedside task share a run.
        done: students that are there already; a stage whose lines have changed since is made again all the same.
        students: how many are left to train, controls with the first method included.
        seconds: guess of the time that it takes.
    """

    task: str
    method: str
    why: str = ""
    recipes: Mapping[int, Recipe | BedsideRecipe] = field(default_factory=dict)
    done: int = 0
    students: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class PlannedTask:
    """A task with its cells.

    Attributes:
        name: of the task.
        task: as its file says.
        state: ``measured`` if it is run.
        why: why it is not.
        place: folder of its runs.
        cells: those of every method but the control, which every run trains.
    """

    name: str
    task: SuiteTask
    state: State
    why: str = ""
    place: Path = Path()
    cells: tuple[PlannedCell, ...] = ()

    @property
    def students(self) -> int:
        """Students to train, controls included."""
        return sum(cell.students for cell in self.cells)

    @property
    def seconds(self) -> float:
        """Guess of the time that is left."""
        return sum(cell.seconds for cell in self.cells)


def plan_of(suite: Suite, profile: str, data: Path | None, folder: Path) -> list[PlannedTask]:
    """Plan every task of a suite; nothing is read but folders.

    Args:
        suite: what there is.
        profile: how much of it.
        data: folder that holds a folder of each data set; None: as the recipes say.
        folder: where the runs go.

    Raises:
        RecipeError: no such profile, or a task that makes no recipe.
    """
    if profile not in suite.rules.seeds:
        raise RecipeError(
            f"profile {profile!r}", "one of the suite's", did_you_mean(profile, suite.rules.seeds)
        )
    return [_task(suite, name, profile, data, folder) for name in suite.tasks]


def _task(suite: Suite, name: str, profile: str, data: Path | None, folder: Path) -> PlannedTask:
    task = suite.tasks[name]
    if suite.asked is not None and name not in suite.asked:
        return PlannedTask(name, task, "left_out", "not asked for")
    if profile not in task.profiles:
        return PlannedTask(name, task, "left_out", f"not part of the profile {profile}")
    recipe = recipe_of(task, profile, suite.rules, data)
    if (
        isinstance(recipe, BedsideRecipe)
        and not task.packaged
        and not recipe.data.folder.expanduser().is_dir()
    ):
        return PlannedTask(name, task, "absent", f"no folder {recipe.data.folder}")
    place = folder / (task.shares or name)
    return PlannedTask(name, task, "measured", "", place, tuple(_cells(suite, name, profile, data, place)))


def _cells(suite: Suite, name: str, profile: str, data: Path | None, place: Path) -> Iterator[PlannedCell]:
    task, seeds, is_first = suite.tasks[name], suite.rules.seeds[profile], True
    guess = task.profiles[profile]
    for method, settings in suite.methods.items():
        if method == suite.rules.control:
            continue
        recipe = joined(task, settings, profile, suite.rules, data)
        if isinstance(recipe, NotApplicable):
            yield PlannedCell(name, method, recipe.why)
            continue
        recipes = {seed: _named(recipe, method, seed) for seed in seeds}
        done = sum(_record(place, of, seed).is_file() for seed, of in recipes.items())
        left = 0 if task.shares else len(seeds) - done
        controls = len(seeds) if is_first and left else 0
        seconds = (left + controls) * guess.student_seconds + (guess.teach_seconds if controls else 0.0)
        yield PlannedCell(name, method, "", recipes, done, left + controls, seconds)
        is_first = False


def _named(recipe: Recipe | BedsideRecipe, method: str, seed: int) -> Recipe | BedsideRecipe:
    """A recipe named after its folder; of a language model, one for each seed."""
    if isinstance(recipe, BedsideRecipe):
        return recipe.model_copy(update={"name": method})
    train = recipe.train.model_copy(update={"seed": seed})
    return recipe.model_copy(update={"name": f"{method}.seed-{seed}", "train": train})


def _record(place: Path, recipe: Recipe | BedsideRecipe, seed: int) -> Path:
    """Where the record of a student's training will stand."""
    stage = f"student.{seed}" if isinstance(recipe, BedsideRecipe) else "student"
    return place / recipe.name / stage / RECORD
