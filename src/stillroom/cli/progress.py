"""Progress as bars on a terminal, as plain lines elsewhere; both with the time left."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as RichProgress

from stillroom.types import Progress

SECONDS_BETWEEN_LINES = 10.0


@contextmanager
def shown_progress(console: Console | None = None) -> Iterator[Progress]:
    """Show progress on the console for as long as the context lasts."""
    console = console or Console(stderr=True, highlight=False, soft_wrap=True)
    if not console.is_terminal:
        yield Lines(lambda line: console.print(line, markup=False))
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[figures]}", markup=False),
    )
    with RichProgress(*columns, console=console) as bars:
        yield Bars(bars)


class Bars:
    """One bar for each task."""

    def __init__(self, bars: RichProgress) -> None:
        self._bars = bars
        self._ids: dict[str, TaskID] = {}

    def __call__(self, task: str, done: int, total: int, figures: Mapping[str, float] | None = None) -> None:
        """Move the task's bar."""
        if task not in self._ids:
            self._ids[task] = self._bars.add_task(task, total=total, completed=done, figures="")
        self._bars.update(self._ids[task], completed=done, total=total, figures=_figures(figures))


class Lines:
    """One line for each task every ten seconds, and one when it is done."""

    def __init__(self, write: Callable[[str], object], clock: Callable[[], float] = time.monotonic) -> None:
        self._write = write
        self._clock = clock
        self._first: dict[str, tuple[int, float]] = {}
        self._last_seconds: dict[str, float] = {}

    def __call__(self, task: str, done: int, total: int, figures: Mapping[str, float] | None = None) -> None:
        """Write a line if it is time for one."""
        now = self._clock()
        first_done, start = self._first.setdefault(task, (done, now))
        waited = now - self._last_seconds.setdefault(task, now)
        if waited < SECONDS_BETWEEN_LINES and done < total:
            return
        self._last_seconds[task] = now
        speed = (done - first_done) / (now - start) if now > start else 0.0
        parts = [f"{task} {done}/{total}", _figures(figures), _left(total - done, speed)]
        self._write(" | ".join(part for part in parts if part))


def _left(units: int, per_second: float) -> str:
    if not units or per_second <= 0:
        return ""
    return f"{timedelta(seconds=round(units / per_second))} left"


def _figures(figures: Mapping[str, float] | None) -> str:
    """Join figures as they stand on a console line.

    >>> _figures({"loss": 1.23618, "tokens_per_second": 990.2})
    'loss 1.236 | tokens_per_second 990.2'
    """
    return " | ".join(f"{name} {value:.4g}" for name, value in (figures or {}).items())
