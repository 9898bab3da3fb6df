"""Figures measured by others: sizes are exact, times are medians of repeats."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

import numpy as np

from stillroom.types import Metric, Subject
from stillroom.validate.metrics import METRICS

_TAIL = 0.025


def exact(name: str, subject: Subject, value: float) -> Metric:
    """Make a figure that has no sampling error, such as a number of bytes.

    >>> exact("parameters", "student", 64_000_000).unit
    'parameters'
    """
    return _metric(name, subject, float(value), None, 1)


def median(name: str, subject: Subject, repeats: Sequence[float]) -> Metric:
    """Make a figure from repeated timings: the median with its distribution-free 95 % interval.

    The interval runs between the order statistics whose binomial coverage is at least 95 % (David & Nagaraja,
    *Order Statistics*, 2003, 7.1); with fewer than 6 repeats there are none, and it runs from the least to
    the greatest.

    >>> timing = median("prefill_ms", "bundle", [9.0, 7.0, 8.0, 8.5, 7.5, 30.0])
    >>> timing.value, timing.ci_low, timing.ci_high
    (8.25, 7.0, 30.0)
    """
    ordered = sorted(repeats)
    skip = _skipped(len(ordered))
    return _metric(
        name, subject, float(np.median(ordered)), (ordered[skip], ordered[-1 - skip]), len(ordered)
    )


def _skipped(repeats: int) -> int:
    """How many repeats the interval leaves out at each end."""
    below, skip = 0.0, -1
    while below <= _TAIL:
        skip += 1
        below += comb(repeats, skip) / 2**repeats
    return max(skip - 1, 0)


def _metric(name: str, subject: Subject, value: float, ends: tuple[float, float] | None, n: int) -> Metric:
    low, high = ends or (None, None)
    spec = METRICS[name]
    return Metric(name, "", subject, value, low, high, n, spec.unit, spec.higher_is_better)
