"""Subjects side by side: figures of parts of the split, paired differences, and what is kept of the teacher."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from stillroom.types import Metric, Split, Subject
from stillroom.validate.metrics import COMPARISONS, spec
from stillroom.validate.predicted import CONTRASTED, GAPS, RETAINABLE, minus
from stillroom.validate.retention import gap_closed, ratio
from stillroom.validate.statistics.bootstrap import Estimate
from stillroom.validate.statistics.level import Array
from stillroom.validate.statistics.measures import Draw, Measure, estimates
from stillroom.validate.tables import Key

Found = dict[Key, Estimate]
Who = TypeVar("Who")


def subgroup_parts(subgroups: Mapping[str, Sequence[str]], items: int) -> dict[str, NDArray[np.bool_]]:
    """Cut items into parts: all (``""``), then each value of each key, as ``sex:female``.

    Args:
        subgroups: value of each item, by key.
        items: number of items.

    >>> list(subgroup_parts({"sex": ["f", "m", "f"]}, 3))
    ['', 'sex:f', 'sex:m']
    """
    parts = {"": np.ones(items, dtype=bool)}
    for key, values in subgroups.items():
        given = np.asarray([str(value) for value in values])
        parts |= {f"{key}:{value}": given == value for value in sorted(set(given.tolist()))}
    return parts


def estimate_parts(
    measures: Callable[[NDArray[np.bool_], Who], Iterable[Measure]],
    subjects: Iterable[Who],
    groups: Sequence[str],
    parts: Mapping[str, NDArray[np.bool_]],
    repeats: int,
    seed: int,
) -> dict[tuple[str, str, Who], Estimate]:
    """Estimate every measure of every subject on every part, with the same draws for all subjects of a part.

    Args:
        measures: makes the measures of a subject on some items.
        subjects: who is measured: subjects, or subjects of a training.
        groups: group of each item; groups are drawn whole.
        parts: items of each part. Measures of classes are kept for the whole alone.
        repeats: number of draws.
        seed: seed of the draws.

    Returns:
        By name, part and subject; figures that are not defined on all of a part's items are left out.
    """
    found: dict[tuple[str, str, Who], Estimate] = {}
    names, everyone = np.asarray(groups), tuple(subjects)
    for part, inside in parts.items():
        draw = Draw.of(names[inside].tolist(), repeats, seed, part)
        for subject in everyone:
            for name, of_class, estimate in estimates(measures(inside, subject), draw):
                if np.isfinite(estimate.value):
                    found[name, _joined(part, of_class), subject] = estimate
    return found


def compared(found: Found) -> Found:
    """Compute paired differences, ratios and shares of the gaps of every figure that the subjects allow."""
    figures: dict[Key, Estimate | None] = {}
    for (name, part, subject), ours in found.items():

        def of(other: Subject, name: str = name, part: str = part) -> Estimate | None:
            return found.get((name, part, other))

        for who, other in CONTRASTED:
            if who == subject and (theirs := of(other)):
                figures[minus(name, other), part, subject] = ours - theirs
        for figure, estimate in _kept(name, subject, ours, of):
            figures[figure, part, subject] = estimate
    return {key: estimate for key, estimate in figures.items() if estimate is not None}


def mean_of(estimates: Sequence[Estimate]) -> Estimate:
    """Mean of estimates from the same draws; where one is not defined in a draw, of the others."""
    draws = np.stack([estimate.draws for estimate in estimates])
    defined = np.isfinite(draws)
    total, many = np.where(defined, draws, 0.0).sum(axis=0), defined.sum(axis=0)
    means: Array = np.divide(total, many, out=np.full(total.shape, np.nan), where=many > 0)
    value = float(np.mean([estimate.value for estimate in estimates]))
    trials = min((e.trials for e in estimates if e.trials is not None), default=None)
    is_perfect = value in (0.0, 1.0) and all(estimate.is_rate for estimate in estimates)
    units = max(estimate.units for estimate in estimates)
    lows, highs = zip(*(estimate.interval() for estimate in estimates), strict=True)
    ends = (min(lows), max(highs)) if is_perfect else None
    return Estimate(value, means, units, is_perfect, trials if is_perfect else None, ends)


def to_metric(key: Key, estimate: Estimate, split: Split) -> Metric:
    """Write an estimate down."""
    name, part, subject = key
    low, high = estimate.interval()
    return Metric(
        name=f"{name}/{part}" if part else name,
        split=split,
        subject=subject,
        value=estimate.value,
        ci_low=low,
        ci_high=high,
        n=estimate.units,
        unit=spec(name).unit,
        higher_is_better=spec(name).higher_is_better,
        trials=estimate.trials,
    )


def draws_of(found: Found) -> dict[tuple[str, Subject], NDArray[np.float32]]:
    """The figures on every resample, under the names that :func:`to_metric` gives them.

    Of parts of the split, comparisons of subjects are left out: they are many, and follow from the figures.
    """
    return {
        (f"{name}/{part}" if part else name, subject): estimate.draws.astype(np.float32)
        for (name, part, subject), estimate in found.items()
        if not (part and name in COMPARISONS)
    }


def _joined(part: str, of_class: str) -> str:
    return ",".join(name for name in (part, of_class) if name)


def _kept(
    name: str, subject: Subject, ours: Estimate, of: Callable[[Subject], Estimate | None]
) -> Iterable[tuple[str, Estimate | None]]:
    teacher, control, untrained = of("teacher"), of("control"), of("student_untrained")
    if subject == "teacher":
        return
    if name in RETAINABLE and teacher:
        yield f"retention_{name}", ratio(ours, teacher)
    if name in RETAINABLE and subject == "bundle" and (student := of("student")):
        yield f"kept_{name}", ratio(ours, student)
    if name in GAPS and teacher and untrained and subject != "student_untrained":
        yield f"gap_closed_{name}", gap_closed(ours, untrained, teacher)
    if name in GAPS and teacher and control and subject in {"student", "bundle"}:
        yield f"control_gap_closed_{name}", gap_closed(ours, control, teacher)
