"""Numbers: lengths of stay, values, times."""

from __future__ import annotations

import numpy as np

from stillroom.types import DataError
from stillroom.validate.statistics.level import Array
from stillroom.validate.statistics.measures import Summed


def regression(predicted: Array, truth: Array) -> list[Summed]:
    """Measures of predicted numbers: MAE, RMSE, R² and mean error, in the target's unit.

    Args:
        predicted: shape ``(items,)``.
        truth: shape ``(items,)``.

    Raises:
        DataError: shapes differ, or a value is not finite.
    """
    if predicted.shape != truth.shape or not (np.isfinite(predicted) & np.isfinite(truth)).all():
        raise DataError(
            f"predictions of shape {predicted.shape} for targets of {truth.shape}, or values that are not finite",
            "one finite number for each item",
            "leave out items without a target, and look for NaN in the model's input",
        )
    gap, ones = predicted - truth, np.ones_like(truth)
    return [
        Summed("mae", np.stack([np.abs(gap), ones], axis=1), kind="free"),
        Summed("rmse", np.stack([gap**2, ones], axis=1), root_mean, kind="free"),
        Summed("r2", np.stack([gap**2, ones, truth, truth**2], axis=1), r_squared, kind="free"),
        Summed("mean_error", np.stack([gap, ones], axis=1), kind="free"),
    ]


def root_mean(sums: Array) -> Array:
    """Root of the first statistic over the second."""
    return np.asarray(np.sqrt(sums[..., 0] / sums[..., 1]))


def r_squared(sums: Array) -> Array:
    """1 − Σ(error²) / Σ(target − mean)², from sums of error², 1, target and target²; no number for equal targets."""
    spread = sums[..., 3] - sums[..., 2] ** 2 / sums[..., 1]
    share = np.divide(
        sums[..., 0], spread, out=np.full(np.shape(spread), np.nan), where=spread > 1e-12 * sums[..., 3]
    )
    return np.asarray(1 - share)
