"""Figures of many kinds, estimated from one draw of groups, so that any two of them are paired."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from stillroom.validate.statistics.bootstrap import Estimate, Figure, estimate_drawn, ratio, resample
from stillroom.validate.statistics.exact import effective_trials
from stillroom.validate.statistics.level import Array

_MOST_WEIGHTS = 1 << 17
"""Weights of items held at once, 1 MiB, which stays in a processor's cache; more draws are computed in turns."""

_MOST_COLUMNS = 64
"""Statistics that are summed together: enough to be fast, few enough that many items fit into memory."""

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
        """Compute it on all items and on every draw; not a number where it is not defined."""
        return _of_sums({0: self}, draw)[0]

    def told(self, sums: Array, drawn: Array, draw: Draw) -> Estimate:
        """Compute it from the sums of each group, and of each draw."""
        found = estimate_drawn(sums, drawn, self.figure, reflect=self.kind == "error")
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
        """Compute it on all items and on every draw; not a number where it is not defined."""
        return _of_weights({0: self}, draw)[0]

    def told(self, value: float, draws: Array, draw: Draw) -> Estimate:
        """Give the figure of all items, and those of the draws, their interval."""
        found = Estimate(value, draws, draw.groups, True)
        if self.interval is None or not np.isfinite(value):
            return spread(found, draw, self.rarest)
        return replace(found, ends=self.interval(value, draw))


Measure = Summed | Weighed
"""A figure of one subject. ``part`` is what follows the ``/`` of its name, such as a class; ``""`` for all."""


def estimates(measures: Iterable[Measure], draw: Draw) -> list[tuple[str, str, Estimate]]:
    """Estimate measures of the same items together, which is faster than one by one: draws are read once.

    Returns:
        Name, part and estimate of each, in their order.
    """
    names = []
    found, summed, weighed = dict[int, Estimate](), dict[int, Summed](), dict[int, Weighed]()
    for at, measure in enumerate(measures):
        names.append((measure.name, measure.part))
        if isinstance(measure, Weighed):
            weighed[at] = measure
        else:
            summed[at] = measure
        if sum(of.columns.shape[1] for of in summed.values()) > _MOST_COLUMNS:
            found |= _of_sums(summed, draw)
            summed = {}
    found |= _of_sums(summed, draw) | _of_weights(weighed, draw)
    return [(*name, found[at]) for at, name in enumerate(names)]


def _of_sums(measures: Mapping[int, Summed], draw: Draw) -> dict[int, Estimate]:
    """Sum over groups, then over draws; columns that several measures share once."""
    columns = list({id(measure.columns): measure.columns for measure in measures.values()}.values())
    if not columns:
        return {}
    ends = np.cumsum([of.shape[1] for of in columns])
    sums = draw.sums(np.concatenate(columns, axis=1))
    drawn = draw.counts @ sums
    places = {id(of): slice(end - of.shape[1], end) for of, end in zip(columns, ends, strict=True)}
    return {
        at: measure.told(sums[:, place], drawn[:, place], draw)
        for at, measure in measures.items()
        for place in [places[id(measure.columns)]]
    }


def _of_weights(measures: Mapping[int, Weighed], draw: Draw) -> dict[int, Estimate]:
    """Weigh every item by how often its group was drawn, a few draws at a time."""
    if not measures:
        return {}
    draws, items = len(draw.counts), len(draw.index)
    turns = min(draws, max(1, draws * items // _MOST_WEIGHTS))
    drawn: dict[int, list[Array]] = {at: [] for at in measures}
    for some in np.array_split(draw.counts, turns):
        weights = some.take(draw.index, axis=1)
        for at, measure in measures.items():
            drawn[at].append(measure.figure(weights))
    ones = np.ones((1, items))
    return {
        at: measure.told(float(measure.figure(ones)[0]), np.concatenate(drawn[at]), draw)
        for at, measure in measures.items()
    }


def spread(found: Estimate, draw: Draw, rarest: NDArray[np.bool_] | None) -> Estimate:
    """Give a perfect figure, which shows no spread, that of an event which every deciding group had, or none.

    A perfect ranking says of as many disjoint pairs, one of each class, that all are in order; no other figure here
    says less. So the groups of the rarer class decide.
    """
    if found.value not in (0.0, 1.0):
        return found
    groups = draw.groups if rarest is None else min(draw.holding(rarest), max(1, draw.groups // 2))
    return Estimate(found.value, found.draws, found.units, True, float(groups))
