"""Cohorts that cannot be learned from or measured on are refused."""

from __future__ import annotations

from collections import Counter

import numpy as np

from stillroom.types import SPLITS, DataError
from stillroom.types.cases import UNKNOWN, Case, Cohort


def checked(cohort: Cohort) -> Cohort:
    """Return the cohort if every split has cases of both classes, and cases and groups keep their place.

    Raises:
        DataError: a split is empty or holds one class alone, identifiers repeat, a group is in two splits, or inputs
            of the cases differ in name, number of axes or channels.
    """
    for split in SPLITS:
        if not cohort.splits.get(split):
            raise DataError(
                f"cohort {cohort.name!r} has no {split} cases", "at least 1 in every split", "give more data"
            )
    _refuse_repeated(cohort)
    _refuse_straddling(cohort)
    _refuse_unlike(cohort)
    if cohort.head.kind == "classes":
        _refuse_one_class(cohort)
    return cohort


def _refuse_repeated(cohort: Cohort) -> None:
    counts = Counter(case.id for cases in cohort.splits.values() for case in cases)
    repeated = [name for name, count in counts.items() if count > 1]
    if repeated:
        raise DataError(
            f"cohort {cohort.name!r} repeats {len(repeated)} identifiers, the first {repeated[0]!r}",
            "unique identifiers",
            "give each case its own id",
        )


def _refuse_straddling(cohort: Cohort) -> None:
    home: dict[str, str] = {}
    for split, cases in cohort.splits.items():
        for case in cases:
            if home.setdefault(case.group, split) != split:
                raise DataError(
                    f"patient {case.group!r} is in {home[case.group]} and in {split}",
                    "each patient in one split",
                    "split by patient, not by row",
                )


def _refuse_unlike(cohort: Cohort) -> None:
    first = _form(cohort.splits["train"][0])
    for cases in cohort.splits.values():
        for case in cases:
            if _form(case) != first:
                raise DataError(
                    f"case {case.id!r} has inputs {_form(case)}", f"{first}, as the others", "read it alike"
                )


def _form(case: Case) -> dict[str, tuple[int, ...]]:
    """Number of axes and channels of each input."""
    return {name: (values.ndim, *values.shape[1:]) for name, values in sorted(case.inputs.items())}


def _refuse_one_class(cohort: Cohort) -> None:
    for split, cases in cohort.splits.items():
        found = np.unique(np.concatenate([case.target.ravel() for case in cases]))
        known = found[found != UNKNOWN]
        if len(known) < 2 or known.min() < 0 or known.max() >= len(cohort.head.names):
            raise DataError(
                f"split {split!r} of cohort {cohort.name!r} has the classes {known.tolist()}",
                f"at least two of 0 to {len(cohort.head.names) - 1}",
                "give more data, or split it otherwise",
            )
