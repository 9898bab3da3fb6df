"""One thing that was looked at before a run, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["ok", "note", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        subject: what was looked at.
        verdict: ``ok``; ``note`` where things work but not at their best; ``problem`` where they do not work.
        found: what was found.
        advice: what to do; empty where all is well.
        edits: changes to the recipe as ``key=value``, to be made together.
    """

    subject: str
    verdict: Verdict
    found: str
    advice: str = ""
    edits: tuple[str, ...] = ()
