"""What other processes do in the tests of the suite: they import it by name."""

from __future__ import annotations

import os

from stillroom.recipes.suite.clock import Clock


def squared(number: int, clock: Clock) -> tuple[int, int]:
    """The square, and the process that found it; ten seconds of the clock."""
    clock(10.0)
    return number**2, os.getpid()


def refused(number: int, clock: Clock) -> int:
    """Always an error."""
    raise ValueError(f"part {number}")
