"""What each part of an objective is worth: the parts switched on one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stillroom.recipes.schema import Recipe
from stillroom.recipes.sweeps.compare import Figures, measured
from stillroom.recipes.sweeps.sharing import SharedRuns
from stillroom.train.objective import ObjectiveSettings, ScheduleSettings
from stillroom.types import Progress, RecipeError, silent
from stillroom.types.files import write_json

ABLATION_FILE = "ablation.json"
_PARTS = {
    "hidden_weight": "hidden states",
    "layer_mix": "mixed layers",
    "specialty_weights": "specialty weights",
    "wrong_teacher_weight": "doubt of a wrong teacher",
    "token_importance": "token importance",
    "exits": "early exits",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A row of an ablation: everything up to and with this part.

    Attributes:
        name: what is added to the row before.
        objective: what the student minimises.
    """

    name: str
    objective: ObjectiveSettings


@dataclass(frozen=True, slots=True)
class Row:
    """A part and what came of it, by seed; a later seed's row stands beside the same seed's control."""

    part: str
    by_seed: Mapping[int, Figures]


@dataclass(frozen=True, slots=True)
class Ablation:
    """All rows, in the order in which the parts are added. The row before the first is the control."""

    folder: Path
    rows: tuple[Row, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return a plain, JSON-serialisable form."""
        return {
            "split": "validation",
            "rows": [
                {"part": row.part, "by_seed": {seed: f.to_dict() for seed, f in row.by_seed.items()}}
                for row in self.rows
            ],
        }


def parts(objective: ObjectiveSettings) -> list[Part]:
    """Take an objective apart: soft targets at one temperature, then each thing that the objective adds to them.

    Raises:
        RecipeError: an objective without a soft term, or with nothing to switch on.

    >>> fixed = {"alpha": 0.7, "divergence": "forward_kl", "temperature": 2.0, "hidden_weight": 1.0}
    >>> [part.name for part in parts(ObjectiveSettings.model_validate(fixed))]
    ['soft targets', 'hidden states']
    """
    found = list(_cumulative(objective))
    if not objective.has_soft_term or len(found) < 2:
        raise RecipeError(
            "an objective of soft or hard targets alone", "parts to switch on", "add some to the objective"
        )
    return found


def ablate(
    recipe: Recipe, runs_dir: Path, *, seeds: Sequence[int] = (), progress: Progress = silent
) -> Ablation:
    """Train a student for each part that is added, each at the same budget and seed, and compare on validation data.

    Args:
        recipe: whose objective is taken apart.
        runs_dir: the runs go to ``runs_dir / (recipe.name + ".ablation")``.
        seeds: of student and control, which share one teacher; the recipe's own where there are none.
        progress: is told how far each stage is.

    Raises:
        StillroomError: one clear line; everything that was finished is kept.
    """
    folder = runs_dir / f"{recipe.name}.ablation"
    runs = SharedRuns(folder, {runs_dir / recipe.name: recipe})
    wanted = [(part, seed) for part in parts(recipe.objective) for seed in seeds or [recipe.seed]]
    figures: dict[str, dict[int, Figures]] = {}
    for number, (part, seed) in enumerate(wanted):
        progress("ablation", number, len(wanted))
        name = f"{part.name.replace(' ', '-')}.seed-{seed}"
        train = recipe.train.model_copy(update={"seed": seed})
        point = recipe.model_copy(update={"name": name, "train": train, "objective": part.objective})
        figures.setdefault(part.name, {})[seed] = measured(point, runs.distil(point, progress))
    progress("ablation", len(wanted), len(wanted))
    result = Ablation(folder, tuple(Row(name, by_seed) for name, by_seed in figures.items()))
    write_json(folder / ABLATION_FILE, result.to_dict())
    return result


def _cumulative(objective: ObjectiveSettings) -> Iterator[Part]:
    plain = ObjectiveSettings(
        alpha=objective.alpha,
        divergence=objective.divergence,
        temperature=_last(objective.temperature),
        hidden_weight=0.0,
        fusion=objective.fusion,
        mean_teacher=objective.mean_teacher,
        mutual=objective.mutual,
        on_policy=objective.on_policy,
    )
    yield Part("soft targets", plain)
    if isinstance(objective.temperature, ScheduleSettings):
        plain = plain.model_copy(update={"temperature": objective.temperature})
        yield Part("temperature schedule", plain)
    for field, name in _PARTS.items():
        value = getattr(objective, field)
        if value is not None and value != 0.0:
            plain = plain.model_copy(update={field: value})
            yield Part(name, plain)
    for name, term in objective.terms.items():
        plain = plain.model_copy(update={"terms": {**plain.terms, name: term}})
        yield Part(name, plain)


def _last(temperature: float | ScheduleSettings) -> float:
    return temperature.end if isinstance(temperature, ScheduleSettings) else temperature
