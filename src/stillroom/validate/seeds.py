"""Models trained from several seeds, as one subject: its mean, and an interval that knows how much seeds matter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from stillroom.types import Metric, Split, Subject
from stillroom.validate.comparison import Found, to_metric
from stillroom.validate.statistics.bootstrap import Estimate

_STREAM = 0x5EED
_TRAINED = frozenset({"control", "student", "bundle"})

Trained = tuple[int, Subject]
"""A seed and a subject."""

Said = TypeVar("Said")
Made = TypeVar("Made")


def first_alike(
    said: Mapping[int, Mapping[Subject, Said]], alike: Callable[[Said, Said], bool]
) -> dict[Trained, Trained]:
    """Find who need not be measured: of each subject of each seed, the first seed in which it says the same.

    >>> said = {1: {"teacher": 0.5, "student": 0.1}, 2: {"teacher": 0.5, "student": 0.2}}
    >>> first_alike(said, float.__eq__)[2, "teacher"]
    (1, 'teacher')
    """
    return {
        (seed, subject): next(
            (first, subject)
            for first, theirs in said.items()
            if first == seed or (subject in theirs and alike(theirs[subject], mine))
        )
        for seed, of in said.items()
        for subject, mine in of.items()
    }


def made_once(
    said: Mapping[int, Mapping[Subject, Said]], make: Callable[[Said], Made]
) -> dict[int, dict[Subject, Made]]:
    """Compute something of what every subject says; once of what is the same object, such as a teacher's answers.

    >>> teacher = [0.5]
    >>> made = made_once({1: {"teacher": teacher}, 2: {"teacher": teacher}}, sum)
    >>> made[1]["teacher"] is made[2]["teacher"]
    True
    """
    known = {id(what): what for of in said.values() for what in of.values()}
    told = {key: make(what) for key, what in known.items()}
    return {seed: {who: told[id(what)] for who, what in of.items()} for seed, of in said.items()}


def by_seed(
    found: Mapping[tuple[str, str, Trained], Estimate], first: Mapping[Trained, Trained]
) -> list[Found]:
    """Sort what was found by seed, with that of the first seed where a subject says the same."""
    return [
        {
            (name, part, trained[1]): estimate
            for (name, part, trained), estimate in found.items()
            if first.get((seed, trained[1])) == trained
        }
        for seed in dict.fromkeys(seed for seed, _ in first)
    ]


def over_seeds(founds: Sequence[Found], seed: int) -> Found:
    """Average figures over trainings, drawing patients and trainings anew together.

    The trainings must have been measured with the same draws of groups. In every draw as many trainings are drawn, with
    replacement, as there are; the same for every figure and subject, so that differences stay paired by training. With
    one training nothing is drawn. A subject that has no seeds, such as a teacher, is the same in all of them.

    Args:
        founds: the figures of each training.
        seed: of the draws of trainings.

    Returns:
        Figures that every training has. With more than one training no interval is exact any more.

    Source: a two-level bootstrap, Davison & Hinkley 1997, *Bootstrap Methods and Their Application*, section 3.8.

    >>> ten, twenty = (Estimate(x, np.full(4, x), 9) for x in (10.0, 20.0))
    >>> over_seeds([{("auroc", "", "student"): ten}, {("auroc", "", "student"): twenty}], seed=0).popitem()[1].value
    15.0
    """
    if len(founds) == 1:
        return dict(founds[0])
    shared = [key for key in founds[0] if all(key in found for found in founds)]
    repeats = max((len(found[key].draws) for found in founds for key in shared), default=0)
    picks = np.random.default_rng([seed, _STREAM]).integers(
        len(founds), size=(repeats, len(founds)), dtype=np.intp
    )
    return {key: _mean([found[key] for found in founds], picks) for key in shared}


def of_each_seed(
    founds: Sequence[Found], seeds: Sequence[int], names: Sequence[str], split: Split
) -> Iterator[Metric]:
    """Some figures of each training by itself, as the part ``seed:1``."""
    for (name, part, subject), _ in founds[0].items():
        if name not in names or part or subject not in _TRAINED:
            continue
        for seed, found in zip(seeds, founds, strict=True):
            if (name, part, subject) in found:
                yield to_metric((name, f"seed:{seed}", subject), found[name, part, subject], split)


def deviations(founds: Sequence[Found], names: Sequence[str]) -> dict[str, float]:
    """Standard deviation over trainings (n − 1) of some figures, as facts ``auroc_seed_deviation_student``."""
    return {
        f"{name}_seed_deviation_{subject}": float(np.std([found[key].value for found in founds], ddof=1))
        for key in founds[0]
        if len(founds) > 1 and not key[1] and key[0] in names and key[2] in _TRAINED
        if all(key in found for found in founds)
        for name, _, subject in [key]
    }


def _mean(estimates: Sequence[Estimate], picks: NDArray[np.intp]) -> Estimate:
    values = [estimate.value for estimate in estimates]
    draws = np.stack([estimate.draws for estimate in estimates])
    if np.ptp(values) == 0 and all(np.array_equal(draws[0], of, equal_nan=True) for of in draws[1:]):
        return estimates[0]
    drawn = np.take_along_axis(draws.T, picks, axis=1).mean(axis=1)
    return Estimate(float(np.mean(values)), drawn, min(estimate.units for estimate in estimates))
