"""What a report tells besides the evidence: plain data about the run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stillroom.types import Source


@dataclass(frozen=True, slots=True)
class StageFacts:
    """What one stage of the run cost, and the hash of what it made."""

    name: str
    seconds: float
    peak_memory_bytes: int
    fingerprint: str


@dataclass(frozen=True)
class ReportContext:
    """Where the evidence comes from.

    Attributes:
        title: name of the run, such as ``quickstart``.
        description: what the run is for, in a line.
        student: what the student is, such as ``10 of the teacher's 30 layers, 64 M parameters``.
        models: the teacher and whatever else the student descends from, with licences.
        corpus: the corpus' manifest, as ``stillroom.data`` writes it (sources, counts, split rule, dropped).
        recipe_yaml: the whole recipe.
        recipe_fingerprint: SHA-256 of the recipe.
        limits: what the student cannot do and what the evidence does not tell, a sentence each.
        machine: facts about the machine, by name.
        software: versions, by package.
        stages: the run's stages in order.
        seconds: wall time of all stages.
        peak_memory_bytes: highest resident memory of any stage.
        usage: lines of code or commands that run the bundle, for the model card.
    """

    title: str
    description: str
    student: str
    models: tuple[Source, ...]
    corpus: Mapping[str, Any]
    recipe_yaml: str
    recipe_fingerprint: str
    limits: tuple[str, ...]
    machine: Mapping[str, str | int | float]
    software: Mapping[str, str]
    seconds: float
    peak_memory_bytes: int
    stages: tuple[StageFacts, ...] = ()
    usage: str = field(default="")
