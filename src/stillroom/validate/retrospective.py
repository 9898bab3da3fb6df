"""Validation by time: learned from what came before, measured on what came after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stillroom.types import DataError

Times = Sequence[str] | Sequence[float] | NDArray[Any]
"""ISO 8601 dates or times, or numbers such as years."""


@dataclass(frozen=True, slots=True)
class TimeSplit:
    """Items by time, no patient on both sides.

    Attributes:
        earlier: items to learn from, shape ``(items,)``.
        later: items to measure on, same shape.
        straddling: patients with items on both sides; all of theirs are left out.
    """

    earlier: NDArray[np.bool_]
    later: NDArray[np.bool_]
    straddling: int


def split_by_time(times: Times, groups: Sequence[str], cut: str | float) -> TimeSplit:
    """Cut at a moment: what lies before it may be learned from, what lies at it or after it is measured.

    Raises:
        DataError: a time is missing or cannot be read (told by position, for dates are patient data), or one side is
            empty.

    >>> split_by_time(["2019-05-01", "2021-02-03", "2018-01-01", "2022-01-01"], ["a", "b", "c", "c"], "2020-01-01")
    TimeSplit(earlier=array([ True, False, False, False]), later=array([False,  True, False, False]), straddling=1)
    """
    after = _moments(times, len(groups)) >= _moments(np.array([cut]), 1)[0]
    names, index = np.unique(np.asarray(groups), return_inverse=True)
    some = np.bincount(index, weights=after, minlength=len(names))
    straddles = (some > 0) & (some < np.bincount(index, minlength=len(names)))
    kept = ~straddles[index]
    split = TimeSplit(~after & kept, after & kept, int(straddles.sum()))
    if not (split.earlier.any() and split.later.any()):
        raise DataError(
            f"{int(split.earlier.sum())} items before the cut and {int(split.later.sum())} after it",
            "some on both sides, of patients who have none on the other",
            "choose another moment to cut at",
        )
    return split


def periods(times: Times, cuts: Sequence[str] | Sequence[float]) -> list[str]:
    """Name the period that each item falls into, to measure each as a subgroup of the key ``period``.

    >>> periods([2017, 2019, 2021], [2018, 2020])
    ['before 2018', '2018 to 2020', 'from 2020']
    """
    edges = [str(cut) for cut in cuts]
    between = [f"{low} to {high}" for low, high in pairwise(edges)]
    names = [f"before {edges[0]}", *between, f"from {edges[-1]}"]
    at = np.searchsorted(_moments(cuts, len(cuts)), _moments(times, len(times)), side="right")
    return [names[int(each)] for each in at]


def _moments(times: Times, items: int) -> NDArray[Any]:
    given = np.asarray(times)
    if given.shape != (items,):
        raise DataError(
            f"{given.shape} times for {items} items", "one for each item", "align them with the items"
        )
    if given.dtype.kind in "US":
        return np.array([_moment(text, at) for at, text in enumerate(given.tolist())])
    missing = np.flatnonzero(~np.isfinite(given.astype(np.float64)))
    if given.dtype.kind not in "iuf" or len(missing):
        raise DataError(
            f"item {int(missing[0]) if len(missing) else 0} has no time", "a date or a number", _FIX
        )
    return given.astype(np.float64)


_FIX = "write ISO 8601, such as 2019-05-01, and leave out items without a time"


def _moment(text: str, at: int) -> Any:
    refused = DataError(f"the time of item {at} cannot be read", "a date of ISO 8601", _FIX)
    try:
        moment = np.datetime64(text, "s")
    except ValueError:
        raise refused from None
    if np.isnat(moment):
        raise refused
    return moment
