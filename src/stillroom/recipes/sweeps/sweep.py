"""Running a grid, point by point, and telling which point is best."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stillroom.recipes.schema import Recipe
from stillroom.recipes.sweeps.compare import Figures, measured
from stillroom.recipes.sweeps.grid import Point, points
from stillroom.recipes.sweeps.sharing import SharedRuns
from stillroom.types import Progress, silent
from stillroom.types.files import write_json

SWEEP_FILE = "sweep.json"


@dataclass(frozen=True, slots=True)
class Setting:
    """One combination of swept values, over all its seeds.

    Attributes:
        values: each swept key with its value, as written.
        by_seed: the figures of each seed.
    """

    values: Mapping[str, str]
    by_seed: Mapping[int, Figures]

    @property
    def student(self) -> float:
        """Mean log-perplexity of the students."""
        return statistics.fmean(figures.student for figures in self.by_seed.values())

    @property
    def control(self) -> float:
        """Mean log-perplexity of the controls."""
        return statistics.fmean(figures.control for figures in self.by_seed.values())

    @property
    def spread(self) -> float | None:
        """Standard deviation of the students over the seeds; None for one seed."""
        values = [figures.student for figures in self.by_seed.values()]
        return statistics.stdev(values) if len(values) > 1 else None


@dataclass(frozen=True, slots=True)
class Sweep:
    """All settings of a sweep, the best first: the lowest mean log-perplexity on validation data."""

    folder: Path
    settings: tuple[Setting, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return a plain, JSON-serialisable form."""
        return {
            "split": "validation",
            "chosen_by": "log_perplexity of the student, mean over seeds",
            "settings": [
                {
                    "values": dict(setting.values),
                    "student": setting.student,
                    "control": setting.control,
                    "spread": setting.spread,
                    "by_seed": {seed: figures.to_dict() for seed, figures in setting.by_seed.items()},
                }
                for setting in self.settings
            ],
        }


def sweep(
    recipe: Recipe,
    items: Iterable[str],
    runs_dir: Path,
    *,
    seeds: Sequence[int] = (),
    progress: Progress = silent,
) -> Sweep:
    """Run a recipe at every point of a grid up to its student, and compare on validation data; the test is not touched.

    Stages that two points have in common are made once: each run is offered the finished stages of the likest run
    before it, the recipe's own run included. A sweep that was stopped goes on where it was.

    Args:
        recipe: what is varied.
        items: as in :func:`~stillroom.recipes.sweeps.grid.points`.
        runs_dir: the runs go to ``runs_dir / (recipe.name + ".sweep")``.
        seeds: of the runs; the recipe's own where there are none.
        progress: is told how far each stage is.

    Raises:
        StillroomError: one clear line; everything that was finished is kept.
    """
    folder = runs_dir / f"{recipe.name}.sweep"
    runs = SharedRuns(folder, {runs_dir / recipe.name: recipe})
    grid = points(recipe, items, seeds)
    found: list[tuple[Point, Figures]] = []
    for number, point in enumerate(grid):
        progress("sweep", number, len(grid))
        found.append((point, measured(point.recipe, runs.distil(point.recipe, progress))))
    progress("sweep", len(grid), len(grid))
    result = Sweep(folder, tuple(sorted(_settings(found), key=lambda setting: setting.student)))
    write_json(folder / SWEEP_FILE, result.to_dict())
    return result


def _settings(found: Sequence[tuple[Point, Figures]]) -> list[Setting]:
    by_values: dict[tuple[tuple[str, str], ...], dict[int, Figures]] = {}
    for point, figures in found:
        by_values.setdefault(tuple(point.values.items()), {})[point.seed] = figures
    return [Setting(dict(values), by_seed) for values, by_seed in by_values.items()]
