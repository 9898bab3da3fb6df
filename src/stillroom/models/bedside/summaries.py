"""What is told of a series where every measurement has a history of its own."""

from __future__ import annotations

import torch
from torch import Tensor

SUMMARIES = ("last", "first", "mean", "least", "most", "spread", "recent", "slope", "count")


def summaries(series: Tensor) -> Tensor:
    r"""Describe each channel of irregular series by nine numbers.

    The last and the first value, mean, least, most, standard deviation, mean of the last quarter of the time, slope of
    the least-squares line per step, and log(1 + number of measurements). NaN where a channel has no measurement; a
    slope needs two. Exported as it is, so that a bundle takes what was measured and nothing else.

    Args:
        series: values, NaN where missing, shape ``(batch, time, channels)``.

    Returns:
        Shape ``(batch, 9 · channels)``, the channels of a summary side by side, in the order of ``SUMMARIES``.

    >>> series = torch.tensor([[[1.0], [torch.nan], [3.0], [torch.nan]]])
    >>> [round(value, 2) for value in summaries(series)[0].tolist()]
    [3.0, 1.0, 2.0, 1.0, 3.0, 1.0, nan, 1.0, 1.1]
    """
    known = ~series.isnan()
    values = torch.where(known, series, 0.0)
    steps = torch.arange(series.shape[1], dtype=series.dtype, device=series.device)[:, None]
    count = known.sum(1).to(series.dtype)
    mean = values.sum(1) / count
    apart = torch.where(known, series - mean[:, None], 0.0)
    told = (
        _at(series, torch.where(known, steps, -1.0).argmax(1)),
        _at(series, torch.where(known, steps, torch.inf).argmin(1)),
        mean,
        _finite(torch.where(known, series, torch.inf).amin(1)),
        _finite(torch.where(known, series, -torch.inf).amax(1)),
        (apart.square().sum(1) / count).sqrt(),
        _mean(series[:, -(series.shape[1] // 4 or 1) :]),
        _slope(apart, known, steps, count),
        count.log1p(),
    )
    return torch.cat(told, -1)


def _mean(series: Tensor) -> Tensor:
    known = ~series.isnan()
    return torch.where(known, series, 0.0).sum(1) / known.sum(1)


def _at(series: Tensor, step: Tensor) -> Tensor:
    """Value of each channel at a step of its own; NaN stands where none is known."""
    return series.gather(1, step[:, None])[:, 0]


def _finite(values: Tensor) -> Tensor:
    return torch.where(values.isinf(), torch.nan, values)


def _slope(apart: Tensor, known: Tensor, steps: Tensor, count: Tensor) -> Tensor:
    """Least-squares slope of the known values, from their distances to the mean; NaN with fewer than two."""
    centred = torch.where(known, steps - (known * steps).sum(1, keepdim=True) / count[:, None], 0.0)
    return torch.where(count > 1, (centred * apart).sum(1) / centred.square().sum(1), torch.nan)
