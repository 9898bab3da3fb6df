"""Intervals: a figure is recomputed on units drawn anew, with the same draw for every subject.

The units are groups (concepts, documents, patients), because the examples of one group are not independent.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from stillroom.validate.statistics.exact import clopper_pearson
from stillroom.validate.statistics.level import LEVEL as LEVEL
from stillroom.validate.statistics.level import Array as Array

Figure = Callable[[Array], Array]
"""Computes figures from summed statistics: ``(..., statistics)`` → ``(...)``."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and its bootstrap distribution.

    Estimates made with the same resamples may be subtracted and divided: the result is paired, so what the
    subjects share (hard items, easy items) cancels.

    Attributes:
        value: the figure on all units.
        draws: the figure on each resample, shape ``(repeats,)``.
        units: number of independent units.
        is_rate: the value is a mean of values within [0, 1].
        trials: number of independent trials that the value is a share of, or None.
        ends: interval by a formula of its own, or None.
    """

    value: float
    draws: Array
    units: int
    is_rate: bool = False
    trials: float | None = None
    ends: tuple[float, float] | None = None

    def interval(self) -> tuple[float, float]:
        """95 % interval: its own, or exact for a share of trials, else of percentiles, never without the value itself.

        Another rate of exactly 0 or 1 has no spread to resample; its interval is the exact binomial one over units
        (Clopper & Pearson 1934).

        >>> low, high = Estimate(1.0, np.ones(100), units=20, is_rate=True).interval()
        >>> round(low, 2), high
        (0.83, 1.0)
        """
        tail = (1 - LEVEL) / 2
        if self.ends is not None:
            return self.ends
        if self.trials is not None:
            return clopper_pearson(self.value * self.trials, self.trials)
        if self.is_rate and self.value in (0.0, 1.0):
            width = 1 - float(tail ** (1 / self.units))
            return (0.0, width) if self.value == 0.0 else (1 - width, 1.0)
        low, high = np.nanquantile(self.draws, [tail, 1 - tail])
        return min(float(low), self.value), max(float(high), self.value)

    def __sub__(self, other: Estimate) -> Estimate:
        """Paired difference."""
        return Estimate(self.value - other.value, self.draws - other.draws, min(self.units, other.units))

    def __truediv__(self, other: Estimate) -> Estimate:
        """Paired ratio; the caller sees to it that the denominator stays away from zero."""
        return Estimate(self.value / other.value, self.draws / other.draws, min(self.units, other.units))


def resample(units: int, repeats: int, seed: int, stream: str = "") -> Array:
    """Draw ``units`` units with replacement, ``repeats`` times.

    Args:
        units: number of independent units.
        repeats: number of resamples.
        seed: equal seeds give equal resamples.
        stream: name of the set of units; different sets of one size get different resamples.

    Returns:
        How often each unit was drawn, shape ``(repeats, units)``; every row sums to ``units``.

    >>> resample(3, 2, seed=0).sum(axis=1)
    array([3., 3.])
    """
    generator = np.random.default_rng([seed, zlib.crc32(stream.encode())])
    drawn = generator.integers(units, size=(repeats, units))
    flat = drawn + units * np.arange(repeats)[:, None]
    return np.bincount(flat.ravel(), minlength=repeats * units).reshape(repeats, units).astype(np.float64)


def sum_by_group(columns: Array, groups: Sequence[str]) -> Array:
    """Add up the rows of each group, so that a group is drawn whole.

    >>> sum_by_group(np.array([[1.0], [2.0], [4.0]]), ["a", "b", "a"])
    array([[5.],
           [2.]])
    """
    names, index = np.unique(np.asarray(groups), return_inverse=True)
    sums = np.zeros((len(names), columns.shape[1]))
    np.add.at(sums, index, columns)
    return sums


def estimate(
    sums: Array, figure: Figure, counts: Array, *, is_rate: bool = False, reflect: bool = False
) -> Estimate:
    """Compute a figure on all units and on every resample.

    Args:
        sums: additive statistics of each unit, shape ``(units, statistics)``.
        figure: the figure from summed statistics.
        counts: from :func:`resample`, shape ``(repeats, units)``.
        is_rate: the figure is a mean of values within [0, 1].
        reflect: mirror the draws at the value (the "basic" bootstrap, floored at zero). For figures which
            resampling inflates, such as a mean of absolute values: a resample of a calibrated model looks
            less calibrated than the model is, and percentiles of such draws can miss the value itself.
    """
    return estimate_drawn(sums, counts @ sums, figure, is_rate=is_rate, reflect=reflect)


def estimate_drawn(
    sums: Array, drawn: Array, figure: Figure, *, is_rate: bool = False, reflect: bool = False
) -> Estimate:
    """Compute a figure, as :func:`estimate` does, from sums that were drawn already, ``(repeats, statistics)``."""
    value = float(figure(sums.sum(axis=0)))
    draws = figure(drawn)
    if reflect:
        draws = np.maximum(0.0, 2 * value - draws)
    return Estimate(value, draws, len(sums), is_rate)


def ratio(sums: Array) -> Array:
    """First statistic over the second: a mean weighted by tokens or items; not a number where there are none."""
    counts = sums[..., 1]
    return np.asarray(np.divide(sums[..., 0], counts, out=np.full(counts.shape, np.nan), where=counts != 0))


def exp_ratio(sums: Array) -> Array:
    """Exponential of :func:`ratio`: perplexity from nats and tokens."""
    return np.exp(ratio(sums))
