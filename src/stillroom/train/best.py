"""The weights of the lowest validation loss, kept while training goes on."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from torch import Tensor, nn

from stillroom.train.learning import TASK_FIGURES
from stillroom.train.settings import EarlyStoppingSettings
from stillroom.train.weights import TensorFile, trained_tensors, write_tensors
from stillroom.types.record import VALIDATION, Point

BEST_FILE = "best.safetensors"


def task_losses(points: Sequence[Point], prefix: str = "") -> list[tuple[int, float]]:
    """Steps, and the task's own loss there; with the prefix :data:`VALIDATION`, on validation rows.

    >>> task_losses([Point(2, {"loss": 3.0}), Point(4, {"loss": 3.0, "squared_error": 2.0})])
    [(4, 2.0)]
    """
    return _followed(points, [f"{prefix}{name}" for name in TASK_FIGURES])


def best_step(points: Sequence[Point], settings: EarlyStoppingSettings) -> int:
    """Return the step whose validation figure was lowest, the first of equals; 0 before the first evaluation.

    >>> watched = EarlyStoppingSettings(figure="loss", patience=1)
    >>> best_step([Point(step, {"validation_loss": loss}) for step, loss in ((2, 3.0), (4, 1.0), (6, 2.0))], watched)
    4
    """
    measured = _measured(points, settings)
    return min(measured, key=lambda item: item[1], default=(0, math.inf))[0]


def is_best(points: Sequence[Point], settings: EarlyStoppingSettings) -> bool:
    """Whether the last point is an evaluation, with the lowest value so far."""
    return bool(_measured(points[-1:], settings)) and best_step(points, settings) == points[-1].step


def has_stopped_falling(points: Sequence[Point], settings: EarlyStoppingSettings | None) -> bool:
    """Whether the last point is the evaluation that made it ``patience`` of them without a new lowest value.

    >>> points = [Point(step, {"validation_loss": loss}) for step, loss in ((2, 3.0), (4, 1.0), (6, 2.0))]
    >>> [has_stopped_falling(points, EarlyStoppingSettings(figure="loss", patience=n)) for n in (1, 2)]
    [True, False]
    """
    if settings is None or not _measured(points[-1:], settings):
        return False
    best = best_step(points, settings)
    measured = _measured(points, settings)
    return sum(step > best for step, _ in measured) >= settings.patience


def keep_best(folder: Path, key: str, tensors: Mapping[str, Tensor], step: int) -> None:
    """Write the whole weights of this step in place of the best before."""
    write_tensors(folder / BEST_FILE, key, tensors, {"step": str(step)})


def restore_best(folder: Path, key: str, module: nn.Module) -> None:
    """Bring the best weights back.

    Raises:
        TrainError: the file is damaged or belongs to another recipe.
    """
    file = TensorFile.open(folder / BEST_FILE, key, f"delete {folder} to start again")
    file.restore(trained_tensors(module))


def _measured(points: Sequence[Point], settings: EarlyStoppingSettings) -> list[tuple[int, float]]:
    if settings.figure == "task":
        return task_losses(points, VALIDATION)
    return _followed(points, [f"{VALIDATION}loss"])


def _followed(points: Sequence[Point], names: Sequence[str]) -> list[tuple[int, float]]:
    return [(point.step, point.figures[name]) for point in points for name in names if name in point.figures]
