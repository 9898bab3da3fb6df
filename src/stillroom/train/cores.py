"""Processor cores while several processes of one machine train."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def shared_cores() -> Iterator[None]:
    """Give each process on this machine its part of the threads, unless ``OMP_NUM_THREADS`` says how many.

    Alone, between the trainings, the first process has them all.
    """
    together = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
    if together == 1 or "OMP_NUM_THREADS" in os.environ:
        yield
        return
    alone = torch.get_num_threads()
    torch.set_num_threads(max(1, alone // together))
    try:
        yield
    finally:
        torch.set_num_threads(alone)
