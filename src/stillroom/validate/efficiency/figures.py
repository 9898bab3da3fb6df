"""Figures measured by others: sizes are exact, times are quantiles of repeats."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import exp, lgamma, log, log1p

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

    With fewer than 6 repeats there is no such interval, and it runs from the least to the greatest.

    >>> timing = median("prefill_ms", "bundle", [9.0, 7.0, 8.0, 8.5, 7.5, 30.0])
    >>> timing.value, timing.ci_low, timing.ci_high
    (8.25, 7.0, 30.0)
    """
    return quantile(name, subject, repeats, 0.5)


def quantile(name: str, subject: Subject, repeats: Sequence[float], at: float) -> Metric:
    """Make a figure from repeated timings: a quantile with its distribution-free 95 % interval.

    Each end of the interval is the order statistic nearest to the quantile that lies beyond it in all but 2.5 % of
    samples, by the binomial distribution (David & Nagaraja, *Order Statistics*, 2003, 7.1). Where there are too few
    repeats for an end, it is the least or the greatest: the upper end of the 95th percentile needs 72 repeats, that of
    the 99th 368.

    Args:
        name: the metric.
        subject: who was timed.
        repeats: the timings.
        at: which quantile, in (0, 1).
    """
    ordered = sorted(repeats)
    ends = ordered[_skipped(len(ordered), at)], ordered[-1 - _skipped(len(ordered), 1 - at)]
    return _metric(name, subject, float(np.quantile(ordered, at)), ends, len(ordered))


def answer_times(subject: Subject, milliseconds: Sequence[float]) -> Iterator[Metric]:
    """Make the figures of an answer's time: median, 95th and 99th percentile of repeated timings."""
    for name, at in (("answer_ms", 0.5), ("answer_ms_p95", 0.95), ("answer_ms_p99", 0.99)):
        yield quantile(name, subject, milliseconds, at)


def between(name: str, subject: Subject, value: float, ends: tuple[float, float], n: int) -> Metric:
    """Make a figure that was computed from others, with an interval that was computed from theirs."""
    return _metric(name, subject, value, ends, n)


def _skipped(repeats: int, at: float) -> int:
    """How many repeats the interval leaves out below: the quantile lies below the next one with at most 2.5 %."""
    below, skip = 0.0, -1
    while below <= _TAIL:
        skip += 1
        below += exp(_log_binomial(repeats, skip) + skip * log(at) + (repeats - skip) * log1p(-at))
    return max(skip - 1, 0)


def _log_binomial(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def _metric(name: str, subject: Subject, value: float, ends: tuple[float, float] | None, n: int) -> Metric:
    low, high = ends or (None, None)
    spec = METRICS[name]
    return Metric(name, "", subject, value, low, high, n, spec.unit, spec.higher_is_better)
