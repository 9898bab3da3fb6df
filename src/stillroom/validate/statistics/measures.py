"""Figures of many kinds, estimated from one draw of groups, so that any two of them are paired."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from stillroom.validate.statistics.bootstrap import Estimate, Figure, estimate, ratio, resample
from stillroom.validate.statistics.exact import effective_trials
from stillroom.validate.statistics.level import Array

_MOST_WEIGHTS = 4_000_000
"""Weights of items held at once; more draws are computed in turns."""

Kind = Literal["trials", "share", "error", "free"]
"""``trials``: a share of trials; ``share``: another figure within [0, 1]; ``error``: inflated by resampling."""


@dataclass(frozen=True, slots=True)
class Draw:
    """How often each group is drawn, and which group each item belongs to.

    Attributes:
        counts: shape ``(draws, groups)``.
        index: group of each item, shape ``(items,)``.
    """

    counts: Array
    index: NDArray[np.intp]

    @classmethod
    def of(cls, groups: Sequence[str], repeats: int, seed: int, stream: str = "") -> Draw:
        """Draw the groups of some items."""
        names, index = np.unique(np.asarray(groups), return_inverse=True)
        return cls(resample(len(names), repeats, seed, stream), index)

    @property
    def groups(self) -> int:
        """Number of groups."""
        return int(self.counts.shape[1])

    def sums(self, columns: Array) -> Array:
        """Add up the items of each group: ``(items, statistics)`` → ``(groups, statistics)``."""
        sums = np.zeros((self.groups, columns.shape[1]))
        np.add.at(sums, self.index, columns)
        return sums

    def holding(self, items: NDArray[np.bool_]) -> int:
        """Number of groups with at least one of these items."""
        return len(np.unique(self.index[items]))


class Measure(Protocol):
    """A figure of one subject. ``part`` is what follows the ``/`` of its name, such as a class; ``""`` for all."""

    @property
    def name(self) -> str:
        """The metric."""

    @property
    def part(self) -> str:
        """What of the items it speaks of."""

    def estimate(self, draw: Draw) -> Estimate:
        """Compute it on all items and on every draw; not a number where it is not defined."""


@dataclass(frozen=True, slots=True)
class Summed:
    """A figure of statistics that add up over items.

    Attributes:
        name: the metric.
        columns: shape ``(items, statistics)``; of ``trials``: events, and 1 for a trial.
        figure: ``(..., statistics)`` → ``(...)``.
        kind: what the figure is, which decides its interval.
        rarest: items of the class that decides a ``share`` which is perfect; all by default.
        part: what of the items it speaks of.
    """

    name: str
    columns: Array
    figure: Figure = ratio
    kind: Kind = "trials"
    rarest: NDArray[np.bool_] | None = None
    part: str = ""

    def estimate(self, draw: Draw) -> Estimate:
        """Sum over groups, then over draws."""
        sums = draw.sums(self.columns)
        found = estimate(sums, self.figure, draw.counts, reflect=self.kind == "error")
        if self.kind == "trials":
            trials = effective_trials(sums[:, 0], sums[:, 1])
            return Estimate(found.value, found.draws, int((sums[:, 1] > 0).sum()), True, trials or None)
        return spread(found, draw, self.rarest) if self.kind == "share" else found

    def within(self, inside: NDArray[np.bool_]) -> Summed:
        """The same figure of some items."""
        rarest = None if self.rarest is None else self.rarest[inside]
        return replace(self, columns=self.columns[inside], rarest=rarest)


@dataclass(frozen=True, slots=True)
class Weighed:
    """A figure within [0, 1] that does not add up, such as an area: from how often each item was drawn.

    Attributes:
        name: the metric.
        figure: ``(draws, items)`` → ``(draws,)``.
        rarest: items of the rarer class, which decide a perfect figure.
        part: what of the items it speaks of.
        interval: from the value and the draw, where there is a better one than that of percentiles.
    """

    name: str
    figure: Callable[[Array], Array]
    rarest: NDArray[np.bool_]
    part: str = ""
    interval: Callable[[float, Draw], tuple[float, float]] | None = None

    def estimate(self, draw: Draw) -> Estimate:
        """Weigh every item by how often its group was drawn."""
        value = float(self.figure(np.ones((1, len(draw.index))))[0])
        turns = max(1, len(draw.counts) * len(draw.index) // _MOST_WEIGHTS)
        draws = [self.figure(some[:, draw.index]) for some in np.array_split(draw.counts, turns)]
        found = Estimate(value, np.concatenate(draws), draw.groups, True)
        if self.interval is None or not np.isfinite(value):
            return spread(found, draw, self.rarest)
        return replace(found, ends=self.interval(value, draw))


def spread(found: Estimate, draw: Draw, rarest: NDArray[np.bool_] | None) -> Estimate:
    """Give a perfect figure, which shows no spread, that of an event which every deciding group had, or none.

    A perfect ranking says of as many disjoint pairs, one of each class, that all are in order; no other figure here
    says less. So the groups of the rarer class decide.
    """
    if found.value not in (0.0, 1.0):
        return found
    groups = draw.groups if rarest is None else min(draw.holding(rarest), max(1, draw.groups // 2))
    return Estimate(found.value, found.draws, found.units, True, float(groups))
