"""Parts of the suite side by side, each in a process of its own with its share of the cores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from functools import partial
from multiprocessing import get_context
from typing import TypeVar

from stillroom.recipes.suite.clock import Clock, DistantClock

_Part = TypeVar("_Part")
_Result = TypeVar("_Result")
_LOOK_SECONDS = 0.5


def side_by_side(
    do: Callable[[_Part, Clock], _Result], parts: Sequence[_Part], jobs: int, clock: Clock
) -> list[_Result]:
    """Do every part, so many at a time, those first that come first.

    Args:
        do: is given a part and a clock that hands on to the one given here; a function of a module, for it is pickled.
        parts: what is done.
        jobs: how many at a time; with 1 it is done here, without further processes.
        clock: is told what is done in any process.

    Returns:
        The results, in the order of the parts. If one raises, those that have not begun are left out, and it is raised.
    """
    if jobs == 1 or len(parts) < 2:
        return [do(part, clock) for part in parts]
    import torch

    context, threads = get_context("spawn"), max(1, torch.get_num_threads() // jobs)
    begin = partial(torch.set_num_threads, threads)
    with (
        context.Manager() as manager,
        ProcessPoolExecutor(jobs, mp_context=context, initializer=begin) as pool,
    ):
        told = manager.Queue()
        futures = [pool.submit(do, part, DistantClock(told.put)) for part in parts]
        left = set(futures)
        while left:
            done, left = wait(left, timeout=_LOOK_SECONDS, return_when=FIRST_COMPLETED)
            while not told.empty():
                clock(told.get())
            if any(future.exception() for future in done):
                pool.shutdown(wait=False, cancel_futures=True)
                break
        return [future.result() for future in futures if not future.cancelled()]
