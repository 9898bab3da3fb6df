"""Progress where there is no terminal: one line at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import timedelta

from stillroom.cli.figures import is_event, is_training, parts

SECONDS_BETWEEN_LINES = 10.0


class Lines:
    """One line for each task every ten seconds, one for each evaluation or skipped step, and one when it is done."""

    def __init__(self, write: Callable[[str], object], clock: Callable[[], float] = time.monotonic) -> None:
        self._write = write
        self._clock = clock
        self._first: dict[str, tuple[int, float]] = {}
        self._last_seconds: dict[str, float] = {}

    def __call__(self, task: str, done: int, total: int, figures: Mapping[str, float] | None = None) -> None:
        """Write a line if it is time for one."""
        now, figures = self._clock(), figures or {}
        first_done, start = self._first.setdefault(task, (done, now))
        waited = now - self._last_seconds.setdefault(task, now)
        if waited < SECONDS_BETWEEN_LINES and done < total and not is_event(figures):
            return
        self._last_seconds[task] = now
        speed = (done - first_done) / (now - start) if now > start else 0.0
        head = f"{task}: Step {done}/{total}" if is_training(figures) else f"{task} {done}/{total}"
        self._write(" | ".join(part for part in (head, *parts(figures), _left(total - done, speed)) if part))


def _left(units: int, per_second: float) -> str:
    if not units or per_second <= 0:
        return ""
    return f"{timedelta(seconds=round(units / per_second))} left"
