"""Figures by name and subject."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from stillroom.types import SUBJECTS, Evidence, Metric, Subject
from stillroom.validate.axes import AXES


class Figures:
    """Looks metrics up, overall and by part."""

    def __init__(self, evidence: Evidence, split: str = "test") -> None:
        """Index the metrics of a split and those without one (sizes, speeds)."""
        self.evidence = evidence
        self._known = {(m.name, m.subject): m for m in evidence.metrics if m.split in {split, ""}}

    def get(self, name: str, subject: Subject) -> Metric | None:
        """Find a metric, or None where it was not measured."""
        return self._known.get((name, subject))

    def row(self, name: str, subjects: Iterable[Subject] = SUBJECTS) -> list[Metric | None]:
        """Find a metric of several subjects, in their order."""
        return [self.get(name, subject) for subject in subjects]

    def measured(self, names: Iterable[str], subjects: Iterable[Subject] = SUBJECTS) -> list[str]:
        """Keep the names that any of the subjects has."""
        return [name for name in names if any(self.row(name, subjects))]

    def under(self, name: str, subject: Subject) -> dict[str, Metric]:
        """The parts that a metric of a subject is given for, in the evidence's order."""
        return {
            key.removeprefix(f"{name}/"): metric
            for (key, who), metric in self._known.items()
            if who == subject and key.startswith(f"{name}/")
        }

    @cached_property
    def parts(self) -> Mapping[str, list[str]]:
        """Names of the kinds and of the specialties that figures are given for."""
        split = (name.partition("/") for name, _ in self._known if "/" in name)
        suffixes = dict.fromkeys(part for name, _, part in split if name not in AXES)
        return {
            "kinds": [part for part in suffixes if not part.startswith("specialty:")],
            "specialties": [part for part in suffixes if part.startswith("specialty:")],
        }
