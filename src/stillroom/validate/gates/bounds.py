"""What a figure is at worst and at best."""

from __future__ import annotations

from stillroom.types import Metric
from stillroom.validate.gates.settings import Direction
from stillroom.validate.statistics.exact import lower_bound, trials_needed, upper_bound


def ends(metric: Metric, direction: Direction) -> tuple[float, float]:
    """Worse and better end of a figure, as a gate of this direction sees it.

    Of a rate, which carries its trials, both are exact one-sided 95 % bounds (Clopper & Pearson), for a rule looks at
    one side alone. Of everything else they are the ends of its two-sided 95 % interval, and of an exact figure the
    figure itself.
    """
    if metric.trials:
        events = metric.value * metric.trials
        low, high = lower_bound(events, metric.trials), upper_bound(events, metric.trials)
    else:
        low = metric.value if metric.ci_low is None else metric.ci_low
        high = metric.value if metric.ci_high is None else metric.ci_high
    return (low, high) if direction == "at_least" else (high, low)


def meets(value: float, threshold: float, direction: Direction) -> bool:
    """Tell whether a value is on the right side of a threshold, which itself is."""
    return value >= threshold if direction == "at_least" else value <= threshold


def too_few(metric: Metric, threshold: float, direction: Direction) -> str:
    """Say how many trials a rate would need even without a miss; nothing where it has them.

    >>> fnr = Metric("fnr", "test", "student", 0.0, 0.0, 0.025, 148, "proportion", False, trials=148)
    >>> too_few(fnr, 0.02, "at_most")
    'even without one miss it needs 149 independent cases, not 148'
    """
    limit = threshold if direction == "at_most" else 1 - threshold
    if not metric.trials or not 0 < limit < 1:
        return ""
    needed = trials_needed(limit)
    if metric.trials >= needed:
        return ""
    return f"even without one miss it needs {needed} independent cases, not {metric.trials:.0f}"
