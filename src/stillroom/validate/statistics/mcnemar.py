"""Do two classifiers err equally often on the same cases?"""

from __future__ import annotations

from dataclasses import dataclass

from stillroom.validate.statistics.distributions import scipy_stats
from stillroom.validate.statistics.level import Array


@dataclass(frozen=True, slots=True)
class McNemar:
    """Cases on which two classifiers differ, and how surprising the split is if they err equally often.

    Attributes:
        only_first: cases that the first alone has right.
        only_second: cases that the second alone has right.
        exact: two-sided p-value of the sign test; never below its level, often far above.
        mid_p: the same with half the probability of what was seen; close to its level.
    """

    only_first: int
    only_second: int
    exact: float
    mid_p: float


def mcnemar(first: Array, second: Array) -> McNemar:
    """Test two classifiers on the same independent cases.

    Args:
        first: 1 where the first classifier is right, else 0, shape ``(cases,)``.
        second: the same of the second.

    Source: McNemar 1947, doi:10.1007/BF02295996; mid-p by Fagerland, Lydersen & Laake 2013,
    doi:10.1186/1471-2288-13-91.

    >>> import numpy as np
    >>> found = mcnemar(np.repeat([1.0, 0.0], [9, 2]), np.repeat([0.0, 1.0], [9, 2]))
    >>> round(found.exact, 4), round(found.mid_p, 4)
    (0.0654, 0.0386)
    """
    ours, theirs = int(((first == 1) & (second == 0)).sum()), int(((first == 0) & (second == 1)).sum())
    differ = ours + theirs
    if differ == 0:
        return McNemar(0, 0, 1.0, 1.0)
    binomial = scipy_stats().binom(differ, 0.5)
    tail, seen = float(binomial.cdf(min(ours, theirs))), float(binomial.pmf(min(ours, theirs)))
    return McNemar(ours, theirs, min(1.0, 2 * tail), min(1.0, 2 * tail - seen))
