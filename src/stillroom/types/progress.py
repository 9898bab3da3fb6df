"""How long work tells how far it is, without knowing who is listening."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Progress(Protocol):
    """Receives ``(task, done, total, figures)``; the command line draws it as a bar with an ETA."""

    def __call__(self, task: str, done: int, total: int, figures: Mapping[str, float] | None = None) -> None:
        """Report that ``done`` of ``total`` units of ``task`` are complete."""


def silent(task: str, done: int, total: int, figures: Mapping[str, float] | None = None) -> None:
    """Ignore progress: the default of every function that reports it."""
