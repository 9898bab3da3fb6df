"""What ends a training that goes wrong: values that are not finite, and a loss that runs away."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

from stillroom.train.settings import DivergenceGuardSettings
from stillroom.types import TrainError
from stillroom.types.files import write_json
from stillroom.types.record import Point
from stillroom.types.row import Row

SKIPPED = "skipped"
_MEDIAN_STEPS = 100


def name_rows(work: Path, step: int, skipped: Sequence[Row], names: Mapping[int, str]) -> None:
    """Write down which rows a skipped step had: their names, and the hash of their content, never their text.

    Args:
        work: folder of the file.
        step: the step.
        skipped: its rows.
        names: the name of every row, by the row's identity.
    """
    named = [{"row": names[id(row)], "sha256": row.sha256} for row in skipped]
    write_json(_skipped_file(work, step), {"step": step, "rows": named})


def check_skipped(points: Sequence[Point], work: Path, allowed: int) -> None:
    """Stop where too many steps were skipped.

    Args:
        points: the figures of all steps so far; the last one was skipped.
        work: folder of the file that names its rows.
        allowed: how many steps may be skipped in one training.

    Raises:
        TrainError: more were.
    """
    count = sum(SKIPPED in point.figures for point in points)
    if count > allowed:
        raise TrainError(
            f"the loss or its gradient is not finite at step {points[-1].step}; steps skipped before: {count - 1}",
            f"a finite loss in all but {allowed} steps (`max_skipped_steps`)",
            f"look at the rows named in {_skipped_file(work, points[-1].step)}, lower `learning_rate` or lengthen "
            "the warm-up",
        )


def check_divergence(points: Sequence[Point], guard: DivergenceGuardSettings | None) -> None:
    """Stop where the loss has stayed above a multiple of its running median.

    The median is that of the 100 steps (or as many as there are) before the steps in question.

    Raises:
        TrainError: the last ``steps`` losses are all above ``loss_ratio`` times the median.
    """
    if guard is None:
        return
    losses = [
        point.figures["loss"]
        for point in points[-guard.steps - _MEDIAN_STEPS :]
        if SKIPPED not in point.figures
    ]
    last, before = losses[-guard.steps :], losses[: -guard.steps]
    if len(before) < guard.steps or min(last) <= guard.loss_ratio * statistics.median(before):
        return
    raise TrainError(
        f"the loss has diverged: {last[-1]:.4g} at step {points[-1].step}, {guard.steps} steps in a row above "
        f"{guard.loss_ratio:g} times its median of {statistics.median(before):.4g}",
        "a loss that falls",
        "lower `learning_rate`, lengthen the warm-up or lower `max_grad_norm`, and start again",
    )


def _skipped_file(work: Path, step: int) -> Path:
    return work / f"skipped-{step:08d}.json"
