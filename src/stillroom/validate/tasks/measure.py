"""The evidence of figures that add up over items: the same for every task."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from stillroom.types import Evidence, Split, Subject
from stillroom.validate.classification.cases import require_groups
from stillroom.validate.comparison import compared, draws_of, estimate_parts, subgroup_parts, to_metric
from stillroom.validate.statistics.measures import Measure, Summed


def measure_summed(
    measures: Mapping[Subject, Sequence[Summed]],
    groups: Sequence[str],
    *,
    subgroups: Mapping[str, Sequence[str]] | None = None,
    repeats: int = 1000,
    seed: int = 0,
    split: Split = "test",
) -> Evidence:
    """Estimate figures of every subject, of the whole and of subgroups, and compare subjects on the same items.

    Args:
        measures: of each subject, rows are the items: from :func:`regression`, :func:`segmentation` or
            :func:`entities`.
        groups: patient of each item.
        subgroups: value of each item by key.
        repeats: resamples of each interval.
        seed: seed of the resampling.
        split: the split's name.

    Raises:
        DataError: groups or subgroups do not fit the items.

    >>> from stillroom.validate.tasks.regression import regression
    >>> days = regression(np.array([3.0, 5.0, 4.0]), np.array([2.0, 5.0, 6.0]))
    >>> measure_summed({"student": days}, ["a", "b", "c"], repeats=100).value("mae", "student").value
    1.0
    """
    items, keys = len(groups), subgroups or {}
    rows = {len(measure.columns) for of in measures.values() for measure in of}
    for name, values in {"groups": groups, **keys}.items():
        for many in rows:
            require_groups(name, values, many)

    def of_part(inside: NDArray[np.bool_], subject: Subject) -> Iterable[Measure]:
        return [measure.within(inside) for measure in measures[subject]]

    found = estimate_parts(of_part, measures, groups, subgroup_parts(keys, items), repeats, seed)
    told = {**found, **compared(found)}
    metrics = [to_metric(key, estimate, split) for key, estimate in told.items()]
    facts: dict[str, str | int | float] = {
        "interval": "exact 95 % (Clopper-Pearson) of rates, else 95 % percentile bootstrap over groups",
        "bootstrap_repeats": repeats,
        "validation_seed": seed,
        "items": items,
        "groups": len(set(groups)),
    }
    return Evidence(tuple(metrics), facts=facts, draws=draws_of(told))
