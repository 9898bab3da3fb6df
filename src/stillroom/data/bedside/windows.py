"""Series as they were known at an hour: what came before, and nothing of what came after."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def known_at(series: NDArray[np.float32], hour: int, window_hours: int) -> NDArray[np.float32]:
    """The last hours before an hour; hours before the series began are NaN.

    Args:
        series: shape ``(hours, channels)``; row 0 is the first hour.
        hour: the present; row ``hour`` and later ones are the future.
        window_hours: how many are wanted.

    >>> known_at(np.array([[1.0], [2.0], [3.0]], np.float32), hour=2, window_hours=3).ravel().tolist()
    [nan, 1.0, 2.0]
    """
    found = series[max(0, hour - window_hours) : hour]
    ahead = np.full((window_hours - len(found), series.shape[1]), np.nan, dtype=np.float32)
    return np.concatenate([ahead, found]) if len(ahead) else found
