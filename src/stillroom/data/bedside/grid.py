"""From single measurements to a grid of hours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def hourly_means(
    case: NDArray[np.int64],
    minute: NDArray[np.int64],
    channel: NDArray[np.int64],
    value: NDArray[np.float64],
    *,
    shape: tuple[int, int, int],
) -> NDArray[np.float32]:
    """Mean of the measurements of each case, hour and channel; NaN where there is none.

    Measurements at or after the last hour's end belong to it.

    Args:
        case: of each measurement, its case, from 0.
        minute: minutes since the case began.
        channel: what was measured, from 0.
        value: the value; NaN is not counted.
        shape: cases, hours, channels.

    >>> one = np.array([0, 0, 0])
    >>> hourly_means(one, np.array([0, 59, 60]), one, np.array([1.0, 3.0, 5.0]), shape=(1, 3, 1)).ravel().tolist()
    [2.0, 5.0, nan]
    """
    known = np.isfinite(value)
    hour = np.minimum(minute[known] // 60, shape[1] - 1)
    cell = np.ravel_multi_index((case[known], hour, channel[known]), shape)
    size = int(np.prod(shape))
    count = np.bincount(cell, minlength=size)
    total = np.bincount(cell, weights=value[known], minlength=size)
    means = np.divide(total, count, out=np.full(size, np.nan), where=count > 0)
    return np.asarray(means.reshape(shape), dtype=np.float32)


def falls(series: NDArray[np.float32], by: float, within_hours: int) -> NDArray[np.bool_]:
    """Hours in which a measurement lies at least ``by`` below one of the ``within_hours`` hours before.

    Args:
        series: hourly values, NaN where missing, shape ``(..., hours)``.
        by: size of the fall, in the unit of the values.
        within_hours: how far to look back.

    >>> falls(np.array([90, np.nan, 65, 64], dtype=np.float32), by=20, within_hours=2).tolist()
    [False, False, True, False]
    """
    fallen = np.zeros(series.shape, dtype=bool)
    for back in range(1, within_hours + 1):
        fallen[..., back:] |= series[..., :-back] - series[..., back:] >= by
    return fallen
