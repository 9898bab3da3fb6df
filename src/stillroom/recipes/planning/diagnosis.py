"""``stillroom doctor RECIPE``: the plan of a run, what stands in its way, and the edits that help."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from stillroom.recipes.finding import Finding
from stillroom.recipes.planning.checks import checks
from stillroom.recipes.planning.corpus_rows import measured_rows
from stillroom.recipes.planning.hardware import GIB, Hardware
from stillroom.recipes.planning.plan import Plan, plan
from stillroom.recipes.planning.remedies import shortages, speedups
from stillroom.recipes.planning.symptoms import symptoms
from stillroom.recipes.planning.workload import Rows
from stillroom.recipes.schema import Recipe


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A plan, and what was found about it."""

    plan: Plan
    findings: tuple[Finding, ...]

    @property
    def can_run(self) -> bool:
        """Whether nothing stands in the way."""
        return all(finding.verdict != "problem" for finding in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """Return a plain, JSON-serialisable form."""
        findings = [asdict(finding) for finding in self.findings]
        return {"can_run": self.can_run, **self.plan.to_dict(), "findings": findings}


def diagnose(recipe: Recipe, hardware: Hardware, run_dir: Path) -> Diagnosis:
    """Plan a recipe, check it, and read what a run of it left, if there was one.

    Args:
        recipe: what would run.
        hardware: where.
        run_dir: its run's folder; it need not exist.

    Raises:
        ModelError: a model whose shape is not known.
        RecipeError: teacher and student do not go together.
    """
    rows = measured_rows(recipe, run_dir)
    found = plan(recipe, hardware, rows)
    return Diagnosis(found, tuple(_findings(recipe, hardware, rows, found, run_dir)))


def _findings(
    recipe: Recipe, hardware: Hardware, rows: Rows | None, found: Plan, run_dir: Path
) -> Iterator[Finding]:
    yield from checks(recipe, found.subjects, hardware)
    yield from shortages(recipe, hardware, rows, found)
    if found.fits and found.peak_bytes > hardware.memory_bytes:
        yield Finding(
            "memory of the run",
            "note",
            f"in one process it grows to {found.peak_bytes / GIB:.1f} GiB; each stage alone fits",
            f"run it verb by verb: stillroom teach {recipe.name}, stillroom signals {recipe.name}, and so on",
        )
    yield from symptoms(recipe, run_dir)
    yield from speedups(recipe, hardware, rows, found)
    if rows is None:
        yield Finding(
            "lengths",
            "note",
            f"every example is taken to have {recipe.max_tokens} tokens, which is the most it may have",
            f"closer, once the corpus is there: stillroom prepare {recipe.name}",
        )
