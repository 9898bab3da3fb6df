"""Rates: exact bounds, whatever the sample's size, and how many trials a claim needs.

A rate's trials are independent: one per patient. Where a patient has several, :func:`effective_trials` says for how
many independent ones they count, and the same bounds hold with that number.
"""

from __future__ import annotations

from stillroom.validate.statistics.distributions import scipy_stats
from stillroom.validate.statistics.level import LEVEL, Array

_LEAST_GROUPS = 10


def clopper_pearson(events: float, trials: float, level: float = LEVEL) -> tuple[float, float]:
    r"""Exact two-sided interval of a rate; it holds the true rate in at least ``level`` of all samples.

    .. math:: B^{-1}(\tfrac{1-l}{2};\ x, n-x+1) \ \text{to}\ B^{-1}(\tfrac{1+l}{2};\ x+1, n-x)

    Args:
        events: x, from 0 to ``trials``; need not be whole where trials are effective ones.
        trials: n > 0.
        level: l, share of samples whose interval holds the true rate, at least.

    Source: Clopper & Pearson 1934, doi:10.1093/biomet/26.4.404.

    >>> [round(end, 4) for end in clopper_pearson(19, 89)]
    [0.1337, 0.3131]
    """
    return lower_bound(events, trials, (1 + level) / 2), upper_bound(events, trials, (1 + level) / 2)


def upper_bound(events: float, trials: float, level: float = LEVEL) -> float:
    """Exact one-sided bound: the true rate is at most this, with confidence ``level``.

    Without any event it is 1 − (1 − level)^(1/n), about 3/n at 95 %.

    >>> upper_bound(0, 149) <= 0.02 < upper_bound(0, 148)
    True
    """
    if events >= trials:
        return 1.0
    return float(scipy_stats().beta.ppf(level, events + 1, trials - events))


def lower_bound(events: float, trials: float, level: float = LEVEL) -> float:
    """Exact one-sided bound: the true rate is at least this, with confidence ``level``."""
    return 1 - upper_bound(trials - events, trials, level)


def trials_needed(limit: float, misses: int = 0, level: float = LEVEL) -> int:
    """Fewest trials after which so many misses still show that the rate of misses is at most ``limit``.

    >>> [trials_needed(limit) for limit in (0.02, 0.05, 0.10, 0.15)]
    [149, 59, 29, 19]

    Args:
        limit: the rate that is to be shown, within (0, 1).
        misses: how many are seen.
        level: confidence of the one-sided bound.
    """
    low, high = misses, misses + 1
    while upper_bound(misses, high, level) > limit:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if upper_bound(misses, middle, level) > limit else (low, middle)
    return high


def effective_trials(events: Array, trials: Array) -> float:
    """Number of independent trials that trials of groups are worth.

    Where every group has one trial, it is their number. Else the number that would give a binomial share the variance
    which is seen between groups, corrected for how few groups there are, and never more than the trials. That variance
    means nothing while fewer than ten groups have an event, or lack one: then trials of a group are taken to repeat
    each other, and count (Σm)²/Σm².

    Args:
        events: events of each group, shape ``(groups,)``.
        trials: trials of each group, m, shape ``(groups,)``.

    Source: Korn & Graubard 1998, *Survey Methodology* 24, 193–201; Kish 1965, *Survey Sampling*.

    >>> import numpy as np
    >>> effective_trials(np.array([4.0, 0.0, 0.0]), np.array([4.0, 4.0, 4.0]))
    3.0
    """
    holds = trials > 0
    events, trials = events[holds], trials[holds]
    total, groups = float(trials.sum()), len(trials)
    if groups == 0 or trials.max() <= 1:
        return total
    if min((events > 0).sum(), (events < trials).sum()) < _LEAST_GROUPS:
        return total**2 / float((trials**2).sum())
    share = events.sum() / total
    variance = groups / (groups - 1) * ((events - share * trials) ** 2).sum() / total**2
    few, many = scipy_stats().t.ppf(0.975, [groups - 1, total - 1])
    return float(min(total, share * (1 - share) / variance * (many / few) ** 2))
