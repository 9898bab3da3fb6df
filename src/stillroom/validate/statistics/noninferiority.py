"""Is a student worse than its teacher by less than was declared to matter?"""

from __future__ import annotations

from stillroom.types import Verdict
from stillroom.validate.statistics.bootstrap import Estimate


def non_inferior(difference: Estimate, margin: float, *, higher_is_better: bool = True) -> Verdict:
    """Hold the interval of a paired difference, student − teacher, against a margin declared beforehand.

    The 95 % interval is two-sided, so its worse end is a one-sided bound of 97.5 %.

    Args:
        difference: student − teacher, from the same resamples.
        margin: the loss that would still be accepted, > 0, in the figure's unit.
        higher_is_better: the figure's direction.

    Returns:
        ``pass`` where the whole interval loses less than the margin, ``fail`` where all of it loses more, else
        ``not_demonstrated``.

    Raises:
        ValueError: the margin is not positive: that would be a test of superiority.

    Source: Piaggio et al. 2012 (CONSORT), doi:10.1001/jama.2012.87802.

    >>> import numpy as np
    >>> non_inferior(Estimate(-0.01, np.linspace(-0.018, -0.002, 99), 400), margin=0.02)
    'pass'
    """
    if margin <= 0:
        raise ValueError(f"margin is {margin}; expected a loss above 0 that would be accepted")
    low, high = difference.interval()
    worst, best = (-low, -high) if higher_is_better else (high, low)
    if worst < margin:
        return "pass"
    return "fail" if best >= margin else "not_demonstrated"
