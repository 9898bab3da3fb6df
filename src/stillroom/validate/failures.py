"""Why a student fails: its teacher lacked it, the transfer failed, or the student cannot represent it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, get_args

import numpy as np

from stillroom.types import DataError, Evidence, Split
from stillroom.validate.statistics.level import Array
from stillroom.validate.statistics.measures import Summed
from stillroom.validate.tasks.measure import measure_summed

Cause = Literal["", "teacher_lacked_it", "transfer", "capacity", "undecided"]
"""``""`` where the student is right."""


def causes(
    student: Array, teacher: Array, *, control: Array | None = None, probe: Array | None = None
) -> list[Cause]:
    """Find the cause of each failure of the student.

    The teacher was wrong too: it *lacked it*. It was right, and the same student learned the item from the label, be it
    the control or a probe that was trained on these very items until it fitted them: the *transfer* failed. Not even
    the probe has it right: the student's *capacity* does not reach it. Without a probe the last is not told apart from
    a failed transfer: *undecided*.

    Args:
        student: 1 where right, else 0, shape ``(items,)``.
        teacher: the same.
        control: of the same student trained on labels alone.
        probe: of the same student trained on the labels of these items; of use for this question alone.

    Raises:
        DataError: shapes differ, or a value is neither 0 nor 1.

    >>> right = np.array([1.0, 0.0, 0.0, 0.0])
    >>> causes(right, np.array([1.0, 0.0, 1.0, 1.0]), probe=np.array([1.0, 1.0, 1.0, 0.0]))
    ['', 'teacher_lacked_it', 'transfer', 'capacity']
    """
    given = [of for of in (student, teacher, control, probe) if of is not None]
    if len({of.shape for of in given}) > 1 or not all(np.isin(of, (0, 1)).all() for of in given):
        raise DataError(
            f"answers of shapes {', '.join(str(of.shape) for of in given)}, or values other than 0 and 1",
            "1 where right and 0 where wrong, of the same items",
            "score all on the same items",
        )
    nothing = np.zeros_like(student)
    learned = (nothing if control is None else control) + (nothing if probe is None else probe) > 0
    beyond: Cause = "undecided" if probe is None else "capacity"
    return [
        "" if ours else "teacher_lacked_it" if not theirs else "transfer" if reached else beyond
        for ours, theirs, reached in zip(student, teacher, learned, strict=True)
    ]


def measure_failures(
    student: Array,
    teacher: Array,
    groups: Sequence[str],
    *,
    control: Array | None = None,
    probe: Array | None = None,
    subgroups: Mapping[str, Sequence[str]] | None = None,
    repeats: int = 1000,
    split: Split = "test",
) -> Evidence:
    """Measure what share of the student's failures has which cause, with exact intervals, also by subgroup.

    Args:
        student: as of :func:`causes`, as are ``teacher``, ``control`` and ``probe``.
        teacher: see there.
        groups: patient of each item.
        control: see there.
        probe: see there.
        subgroups: value of each item by key.
        repeats: resamples, which differences ask for.
        split: the split's name.
    """
    found = np.array(causes(student, teacher, control=control, probe=probe))
    failed = (found != "").astype(np.float64)
    measures = [
        Summed(f"failure_{cause}", np.stack([(found == cause).astype(np.float64), failed], axis=1))
        for cause in get_args(Cause)
        if cause
    ]
    return measure_summed({"student": measures}, groups, subgroups=subgroups, repeats=repeats, split=split)
