"""From clinical units and gaps to numbers that a network can work with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from stillroom.models.bedside.summaries import summaries
from stillroom.types.cases import Case

SERIES = "series"
"""Input of shape ``(time, channels)`` that is told by its course; every other input is taken as it is."""

_CLIPPED = (1.0, 99.0)


class Scaler(nn.Module):
    """Clips each channel to its 1st and 99th percentile and scales it to mean 0 and deviation 1; NaN becomes 0.

    What it learns are buffers, from the training cases: they travel with the network.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.low: Tensor
        self.high: Tensor
        self.mean: Tensor
        self.deviation: Tensor
        for name, value in (("low", -1.0), ("high", 1.0), ("mean", 0.0), ("deviation", 1.0)):
            self.register_buffer(name, torch.full((channels,), value))

    def fit(self, values: Tensor) -> None:
        """Set percentiles, means and deviations from values of shape ``(..., channels)``, NaN where missing."""
        rows = values.reshape(-1, values.shape[-1]).double().numpy()
        known = np.isfinite(rows).any(0)
        rows = np.where(known, rows, 0.0)  # a channel that is never measured stays 0
        low, high = np.nanpercentile(rows, _CLIPPED, axis=0)
        clipped = np.clip(rows, low, high)
        deviation = np.nanstd(clipped, axis=0)
        told = (low, high, np.nanmean(clipped, axis=0), np.where(deviation > 0, deviation, 1.0))
        for buffer, values_of in zip((self.low, self.high, self.mean, self.deviation), told, strict=True):
            buffer.copy_(torch.from_numpy(values_of))

    def forward(self, values: Tensor) -> Tensor:
        """Scale values of shape ``(..., channels)``."""
        clipped = torch.minimum(torch.maximum(values, self.low), self.high)
        scaled = (clipped - self.mean) / self.deviation
        return torch.where(values.isnan(), 0.0, scaled)


class Flat(nn.Module):
    """All inputs as one vector: series by their summaries, the others flattened; what is missing is told beside it.

    Attributes:
        width: length of the vector.
    """

    def __init__(self, shapes: Mapping[str, tuple[int | None, ...]]) -> None:
        super().__init__()
        self.names = sorted(shapes)
        empty = {
            name: torch.full((1, *(axis or 1 for axis in shapes[name])), torch.nan) for name in self.names
        }
        values, missing = flat(empty), absent(empty)
        self.scaler = Scaler(values.shape[-1])
        self.width = values.shape[-1] + missing.shape[-1]

    def fit(self, cases: Sequence[Case]) -> None:
        """Scale by the training cases."""
        self.scaler.fit(flat({name: stacked(cases, name) for name in self.names}))

    def forward(self, inputs: Mapping[str, Tensor]) -> Tensor:
        """Return shape ``(batch, width)``: scaled values, then 1 for each channel that was never measured."""
        return torch.cat([self.scaler(flat(inputs)), absent(inputs)], -1)


class Course(nn.Module):
    """A series step by step: scaled values carried forward, what is measured, and how long ago it was.

    Source: the masks and intervals of Che et al. 2018, GRU-D (doi:10.1038/s41598-018-24271-9), without its decay.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.scaler = Scaler(channels)
        self.width = 3 * channels

    def fit(self, cases: Sequence[Case]) -> None:
        """Scale by the training cases."""
        self.scaler.fit(stacked(cases, SERIES))

    def forward(self, series: Tensor) -> Tensor:
        """From ``(batch, time, channels)`` to ``(batch, time, 3 · channels)``."""
        known = ~series.isnan()
        steps = torch.arange(series.shape[1], dtype=series.dtype, device=series.device)
        at = torch.where(known, steps[:, None], -1.0)
        # The last step, up to each, at which a channel was measured; −1 before the first.
        earlier = torch.where(steps[None] <= steps[:, None], 0.0, -torch.inf)[None, :, :, None]
        last = (at[:, None] + earlier).amax(2)
        carried = self.scaler(series).gather(1, last.clamp_min(0.0).long())
        carried = torch.where(last < 0, 0.0, carried)
        since = (steps[:, None] - last) / series.shape[1]
        return torch.cat([carried, known.to(series.dtype), since], -1)


def flat(inputs: Mapping[str, Tensor]) -> Tensor:
    """All inputs as one vector, NaN where missing, in the order of their names: what trees read too."""
    parts = [
        summaries(values) if name == SERIES else values.flatten(1) for name, values in sorted(inputs.items())
    ]
    return torch.cat(parts, -1)


def absent(inputs: Mapping[str, Tensor]) -> Tensor:
    """1 where a channel of a series was never measured, or a value of another input is missing; in flat's order."""
    parts = [
        values.isnan().all(1) if name == SERIES else values.isnan().flatten(1)
        for name, values in sorted(inputs.items())
    ]
    return torch.cat(parts, -1).to(torch.float32)


def stacked(cases: Sequence[Case], name: str) -> Tensor:
    """One input of cases of one shape."""
    return torch.from_numpy(np.stack([case.inputs[name] for case in cases]))
