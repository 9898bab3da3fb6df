"""What the workers of a stage share beside their work. Without PyTorch, so that an actor of these begins at once."""

from __future__ import annotations

from typing import Any


class Letters:
    """What the first worker of a training tells, until the run's own process fetches it."""

    def __init__(self) -> None:
        self._told: list[tuple[Any, ...]] = []

    def post(self, *told: Any) -> None:
        """Keep what was told."""
        self._told.append(told)

    def fetch(self) -> list[tuple[Any, ...]]:
        """Hand over what was told since the last time."""
        told, self._told = self._told, []
        return told


class Lives:
    """Counts how often a worker has begun: Ray replaces one that is lost, without end if nobody ends it."""

    def __init__(self, most: int) -> None:
        self._left = most

    def begin(self) -> bool:
        """Take one; False where none is left."""
        self._left -= 1
        return self._left >= 0
