"""How long a piece of work takes at its quickest."""

from __future__ import annotations

import time
from collections.abc import Callable


def shortest_seconds(work: Callable[[], object], *, repeats: int, least_seconds: float = 0.0) -> float:
    """Time work again and again: the first ones wait until each thread has a core to itself.

    Args:
        work: what is timed; it is done when it returns.
        repeats: how often at least, after one that is not counted.
        least_seconds: how long at least, all together.

    >>> 0 <= shortest_seconds(lambda: sum(range(10)), repeats=3) < 1
    True
    """
    times: list[float] = []
    while len(times) <= repeats or sum(times) < least_seconds:
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times[1:])
