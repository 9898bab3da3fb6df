from __future__ import annotations

import numpy as np
import torch

from stillroom.models.bedside.summaries import SUMMARIES, summaries


def slow(column: np.ndarray) -> list[float]:
    """The same nine numbers of one channel, by NumPy, one value after the other."""
    steps = np.flatnonzero(np.isfinite(column))
    values = column[steps]
    if not len(values):
        return [np.nan] * 8 + [0.0]
    recent = column[-(len(column) // 4) :]
    recent = recent[np.isfinite(recent)]
    slope = np.polyfit(steps, values, 1)[0] if len(values) > 1 else np.nan
    return [
        values[-1],
        values[0],
        values.mean(),
        values.min(),
        values.max(),
        values.std(),
        recent.mean() if len(recent) else np.nan,
        slope,
        np.log1p(len(values)),
    ]


def test_every_summary_is_that_of_the_known_values() -> None:
    random = np.random.default_rng(0)
    series = random.normal(50, 10, size=(5, 12, 4))
    series[random.random(series.shape) < 0.6] = np.nan
    series[0, :, 0] = np.nan
    series[1, 1:, 1] = np.nan
    found = summaries(torch.from_numpy(series)).numpy().reshape(5, len(SUMMARIES), 4)
    for case in range(5):
        for channel in range(4):
            np.testing.assert_allclose(
                found[case, :, channel], slow(series[case, :, channel]), rtol=1e-9, atol=1e-12
            )
