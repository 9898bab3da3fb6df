"""The evidence of figures that add up over items: the same for every task."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from stillroom.types import Evidence, Split, Subject
from stillroom.validate.classification.cases import require_groups
from stillroom.validate.comparison import (
    Found,
    compared,
    draws_of,
    estimate_parts,
    subgroup_parts,
    to_metric,
)
from stillroom.validate.predicted import TARGET
from stillroom.validate.seeds import Trained, by_seed, deviations, first_alike, of_each_seed, over_seeds
from stillroom.validate.statistics.measures import Measure, Summed


def measure_summed(
    measures: Mapping[Subject, Sequence[Summed]],
    groups: Sequence[str],
    *,
    subgroups: Mapping[str, Sequence[str]] | None = None,
    repeats: int = 1000,
    seed: int = 0,
    split: Split = "test",
    unit: str = TARGET,
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
        unit: of the target, where it has one, such as days.

    Raises:
        DataError: groups or subgroups do not fit the items.

    >>> from stillroom.validate.tasks.regression import regression
    >>> days = regression(np.array([3.0, 5.0, 4.0]), np.array([2.0, 5.0, 6.0]))
    >>> measure_summed({"student": days}, ["a", "b", "c"], repeats=100).value("mae", "student").value
    1.0
    """
    (found,) = _estimated({0: measures}, groups, subgroups or {}, repeats, seed)
    return _in_unit(_evidence(found, groups, repeats, seed, split), unit)


def measure_summed_over_seeds(
    measures: Mapping[int, Mapping[Subject, Sequence[Summed]]],
    groups: Sequence[str],
    *,
    told: Sequence[str],
    subgroups: Mapping[str, Sequence[str]] | None = None,
    repeats: int = 1000,
    seed: int = 0,
    split: Split = "test",
    unit: str = TARGET,
) -> Evidence:
    """Estimate figures of several trainings, as :func:`measure_summed` does of one.

    Every figure is the mean over trainings; its interval draws patients and trainings anew
    (:func:`stillroom.validate.seeds.over_seeds`).

    Args:
        measures: by seed, those of each subject; of a subject that has no seeds the same object in all of them.
        groups: patient of each item.
        told: figures that are told of each training by itself too, as ``dice/seed:1``.
        subgroups: value of each item by key.
        repeats: resamples of each interval.
        seed: seed of the resampling.
        split: the split's name.
        unit: of the target, where it has one, such as days.

    Raises:
        DataError: groups or subgroups do not fit the items.
    """
    seeds = list(measures)
    founds = _estimated(measures, groups, subgroups or {}, repeats, seed)
    each = of_each_seed(founds, seeds, told, split) if len(seeds) > 1 else ()
    evidence = _evidence(over_seeds(founds, seed), groups, repeats, seed, split)
    facts: dict[str, str | int | float] = {
        **(evidence.facts or {}),
        **deviations(founds, told),
        "seeds": ", ".join(map(str, seeds)),
        "seeds_note": "figures are means over trainings, intervals draw patients and trainings anew",
    }
    return _in_unit(replace(evidence, metrics=(*evidence.metrics, *each), facts=facts), unit)


def _estimated(
    measures: Mapping[int, Mapping[Subject, Sequence[Summed]]],
    groups: Sequence[str],
    subgroups: Mapping[str, Sequence[str]],
    repeats: int,
    seed: int,
) -> list[Found]:
    """What is found of each training."""
    rows = {len(measure.columns) for said in measures.values() for of in said.values() for measure in of}
    for name, values in {"groups": groups, **subgroups}.items():
        for many in rows:
            require_groups(name, values, many)

    def of_part(inside: NDArray[np.bool_], who: Trained) -> Iterable[Measure]:
        return [measure.within(inside) for measure in measures[who[0]][who[1]]]

    first, parts = first_alike(measures, operator.is_), subgroup_parts(subgroups, len(groups))
    found = estimate_parts(of_part, dict.fromkeys(first.values()), groups, parts, repeats, seed)
    return by_seed(found, first)


def _evidence(found: Found, groups: Sequence[str], repeats: int, seed: int, split: Split) -> Evidence:
    """Figures of subjects and their differences."""
    told = {**found, **compared(found)}
    facts: dict[str, str | int | float] = {
        "interval": "exact 95 % (Clopper-Pearson) of rates, else 95 % percentile bootstrap over groups",
        "bootstrap_repeats": repeats,
        "validation_seed": seed,
        "items": len(groups),
        "groups": len(set(groups)),
    }
    metrics = tuple(to_metric(key, estimate, split) for key, estimate in told.items())
    return Evidence(metrics, facts=facts, draws=draws_of(told))


def _in_unit(evidence: Evidence, unit: str) -> Evidence:
    metrics = tuple(replace(of, unit=unit) if of.unit == TARGET else of for of in evidence.metrics)
    return replace(evidence, metrics=metrics)
