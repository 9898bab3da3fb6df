"""Methods on several tasks: mean ranks, and how far apart they must lie to differ."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from stillroom.validate.statistics.delong import midranks
from stillroom.validate.statistics.distributions import scipy_stats
from stillroom.validate.statistics.level import LEVEL, Array


@dataclass(frozen=True, slots=True)
class Ranking:
    """How methods rank over tasks.

    Attributes:
        mean_ranks: shape ``(methods,)``; 1 is best.
        p_value: of the methods all being alike (Iman & Davenport's F).
        critical_difference: mean ranks further apart than this differ (Nemenyi), at once for all pairs.
    """

    mean_ranks: Array
    p_value: float
    critical_difference: float


def rank_methods(scores: Array, *, higher_is_better: bool = True, level: float = LEVEL) -> Ranking:
    """Rank methods on each task and compare their mean ranks.

    Friedman's statistic, with its correction for ties, becomes an F statistic, which is less conservative. The critical
    difference is q·√(k(k+1)/6N) with k methods, N tasks and q the studentised range over √2.

    Args:
        scores: one figure of each method on each task, shape ``(tasks, methods)``; at least 2 of each.
        higher_is_better: the figures' direction.
        level: confidence of the critical difference.

    Source: Demšar 2006, JMLR 7, 1–30; Iman & Davenport 1980, doi:10.1080/03610928008827904.

    >>> rank_methods(np.array([[0.9, 0.8, 0.7], [0.8, 0.7, 0.6]])).mean_ranks
    array([1., 2., 3.])
    """
    tasks, methods = scores.shape
    if tasks < 2 or methods < 2:
        raise ValueError(f"{tasks} tasks and {methods} methods; expected at least 2 of each")
    ranks = np.stack([midranks(-row if higher_is_better else row) for row in scores])
    means, stats = ranks.mean(axis=0), scipy_stats()
    within = ((ranks - (methods + 1) / 2) ** 2).sum()
    between = tasks * ((means - (methods + 1) / 2) ** 2).sum()
    ratio = (tasks - 1) * between / (within - between) if within > between else np.inf
    p_value = float(stats.f.sf(ratio, methods - 1, (methods - 1) * (tasks - 1))) if within else 1.0
    q = float(stats.studentized_range.ppf(level, methods, np.inf)) / sqrt(2)
    return Ranking(means, p_value, q * sqrt(methods * (methods + 1) / (6 * tasks)))
