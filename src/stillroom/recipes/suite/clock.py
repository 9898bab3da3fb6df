"""How far the suite is, in guessed seconds, so that the time left allows for cells of unlike length."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from stillroom.types import Progress, silent


class Clock(Protocol):
    """Is told what is done; hands on how far each stage is."""

    @property
    def progress(self) -> Progress:
        """Is told how far each stage is."""

    def __call__(self, seconds: float) -> None:
        """So many of the guessed seconds are done too."""


class SuiteClock:
    """Tells the progress of the whole suite.

    >>> clock = SuiteClock(60.0, lambda task, done, total, figures=None: print(task, done, total))
    >>> clock(20.0)
    MedDistillBench 20 60
    """

    def __init__(self, seconds: float, progress: Progress) -> None:
        """Begin with nothing done of so many seconds."""
        self.progress = progress
        self._total = max(1, round(seconds))
        self._done = 0.0

    def __call__(self, seconds: float) -> None:
        """So many of the guessed seconds are done too."""
        self._done += seconds
        self.progress("MedDistillBench", min(self._total, round(self._done)), self._total)


@dataclass(frozen=True)
class DistantClock:
    """Tells another process's clock; stages go untold.

    Attributes:
        tell: takes the seconds there.
        progress: silent.
    """

    tell: Callable[[float], None]
    progress: Progress = silent

    def __call__(self, seconds: float) -> None:
        """So many of the guessed seconds are done too."""
        self.tell(seconds)
