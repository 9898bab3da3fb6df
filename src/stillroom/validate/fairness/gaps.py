"""Subgroups against the rest, on the same resamples for every subject."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stillroom.validate.statistics.bootstrap import Array, Estimate, Figure, estimate, sum_by_group


@dataclass(frozen=True, slots=True)
class Subgroup:
    """A subgroup's figure, and that of all others; both from the same resamples of all units.

    Attributes:
        inside: the figure of the subgroup; its units are those that hold a member.
        outside: the figure of everyone else.
    """

    inside: Estimate
    outside: Estimate

    def gap(self, *, higher_is_better: bool) -> Estimate:
        """How much worse off the subgroup is: positive is worse, whatever the direction of the figure."""
        worse = self.outside - self.inside if higher_is_better else self.inside - self.outside
        return Estimate(worse.value, worse.draws, self.inside.units)


def split_off(
    columns: Array,
    figure: Figure,
    groups: Sequence[str],
    counts: Array,
    member: NDArray[np.bool_],
    *,
    is_rate: bool,
) -> Subgroup:
    """Compute a figure inside and outside of a subgroup.

    Units are drawn whole, with members and others in them, so that a patient with items in two subgroups ties them.
    A resample without any member gives no figure, and has no say in the interval.

    Args:
        columns: additive statistics of each example, shape ``(examples, statistics)``.
        figure: the figure from their sums.
        groups: the unit of each example.
        counts: how often each unit is drawn, shape ``(repeats, units)``, units in the order of ``sum_by_group``.
        member: which examples belong to the subgroup.
        is_rate: the figure is a mean of values within [0, 1].
    """
    parts = []
    for chosen in (member, ~member):
        found = estimate(sum_by_group(columns * chosen[:, None], groups), figure, counts, is_rate=is_rate)
        units = len({group for group, keep in zip(groups, chosen, strict=True) if keep})
        parts.append(Estimate(found.value, found.draws, units, is_rate))
    return Subgroup(*parts)


def worst(subgroups: Mapping[str, Estimate], *, higher_is_better: bool) -> tuple[str, Estimate]:
    """Find the subgroup that is worst off, and how badly.

    The worst is sought anew in each resample, so that the interval contains the luck of being found the worst. Its
    value still looks worse than it is: the least of several figures that are all equal lies below them.

    >>> name, least = worst({"a": Estimate(0.5, np.array([0.5, 0.2]), 9), "b": Estimate(0.4, np.array([0.3, 0.4]), 9)},
    ...                     higher_is_better=True)
    >>> name, least.value, least.draws.tolist()
    ('b', 0.4, [0.3, 0.2])
    """
    pick, over = (min, np.fmin) if higher_is_better else (max, np.fmax)
    name = pick(subgroups, key=lambda key: subgroups[key].value)
    draws = over.reduce([found.draws for found in subgroups.values()])
    return name, Estimate(subgroups[name].value, draws, subgroups[name].units)
