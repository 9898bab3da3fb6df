"""Every hospital of a task held out in turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from stillroom.data.bedside.heart_disease import HeartDiseaseSettings, sites_of
from stillroom.recipes.bedside_recipe import BedsideRecipe
from stillroom.recipes.loading import load
from stillroom.recipes.run import run
from stillroom.types import Evidence, Metric, Progress, RecipeError, silent
from stillroom.types.files import write_json

SUBJECTS = ("teacher", "student_untrained", "control", "student", "bundle")
SITES_FILE = "sites.json"


@dataclass(frozen=True, slots=True)
class HeldOut:
    """A hospital that nobody learned from.

    Attributes:
        site: its name.
        primary: the figure that subjects are compared by.
        evidence: what was measured in it.
    """

    site: str
    primary: str
    evidence: Evidence

    def figure(self, subject: str) -> Metric | None:
        """The primary figure of a subject; None where it is not defined there."""
        return self._find(self.primary, subject)

    def against(self, other: str) -> Metric | None:
        """The student's minus another's, paired."""
        return self._find(f"{self.primary}_minus_{other}", "student")

    def _find(self, name: str, subject: str) -> Metric | None:
        metrics = self.evidence.metrics
        return next((m for m in metrics if (m.name, m.subject) == (name, subject)), None)


def leave_one_site_out(
    recipe: str | Path, overrides: Sequence[str], runs: Path, progress: Progress = silent
) -> list[HeldOut]:
    """Run a recipe once for each hospital, which is its test split whole; what is finished is kept.

    Each run goes to ``runs / NAME-SITE``; ``runs / NAME-sites.json`` holds the main figures of all.

    Raises:
        RecipeError: the task knows no sites.
        StillroomError: as :func:`stillroom.recipes.run` says.
    """
    whole = load(recipe, overrides)
    if not (isinstance(whole, BedsideRecipe) and isinstance(whole.data, HeartDiseaseSettings)):
        raise RecipeError(
            f"recipe {whole.name!r}, whose data name no sites",
            "the task heart_disease",
            "use `stillroom run` for it",
        )
    found = []
    for site in sites_of(whole.data):
        one = load(recipe, [*overrides, f"data.held_out={site}", f"name={whole.name}-{site}"])
        evidence = run(one, runs, progress=progress).evidence
        assert evidence is not None
        found.append(HeldOut(site, str((evidence.facts or {})["primary"]), evidence))
    write_json(runs / f"{whole.name}-{SITES_FILE}", [_plain(of) for of in found])
    return found


def _plain(held_out: HeldOut) -> dict[str, object]:
    told = {subject: held_out.figure(subject) for subject in SUBJECTS}
    told |= {f"student_minus_{other}": held_out.against(other) for other in ("control", "teacher")}
    figures = {
        name: None
        if of is None
        else {"value": of.value, "ci_low": of.ci_low, "ci_high": of.ci_high, "n": of.n}
        for name, of in told.items()
    }
    return {"site": held_out.site, "figure": held_out.primary, **figures}
