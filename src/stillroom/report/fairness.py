"""Subgroups for a reader: a plain sentence, a picture of the gaps, and the table behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from stillroom.report.dots import dots
from stillroom.report.figures import Figures
from stillroom.report.names import metric_name
from stillroom.report.verdict import Standing, standing
from stillroom.types import Metric, Subject
from stillroom.validate.axes import FAIR

_PREFERRED: tuple[Subject, ...] = ("bundle", "student")
_CHANCE_ABOVE = 0.025


@dataclass(frozen=True, slots=True)
class Subgroup:
    """A line of the table; ``amplified`` is None where the teacher was not measured."""

    name: str
    value: Metric
    teacher: Metric | None
    gap: Metric
    teacher_gap: Metric | None
    amplified: Metric | None
    small: bool

    @property
    def standing(self) -> Standing:
        """Whether it is better off, worse off, or not told apart from the rest."""
        return standing(self.gap)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One figure compared between the subgroups of one attribute."""

    attribute: str
    figure: str
    subject: Subject
    subgroups: tuple[Subgroup, ...]
    worst: Metric | None
    worst_name: str


def comparisons(figures: Figures) -> list[Comparison]:
    """Every figure by every attribute, of the bundle where it was measured, else of the student."""
    subject = _subject(figures)
    facts = figures.evidence.facts or {}
    small = int(facts.get("fairness_small_units", 0))
    found = []
    for name in FAIR:
        gaps = figures.under(f"subgroup_gap_{name}", subject)
        for attribute in dict.fromkeys(part.partition(":")[0] for part in gaps):
            parts = [part for part in gaps if part.startswith(f"{attribute}:")]
            key = f"worst_subgroup_{name}"
            found.append(
                Comparison(
                    attribute,
                    name,
                    subject,
                    tuple(_subgroup(figures, name, part, subject, small) for part in parts),
                    figures.get(f"{key}/{attribute}", subject),
                    str(facts.get(f"{key}/{attribute}/{subject}", "")),
                )
            )
    return found


def sentence(comparison: Comparison) -> str:
    """Say in words what the gaps show, and what chance alone would show."""
    groups = comparison.subgroups
    worse = [group.name for group in groups if group.standing == "against"]
    wider = [group.name for group in groups if group.amplified and standing(group.amplified) == "against"]
    told = f"{len(worse)} of {len(groups)} subgroups are worse off than all others, beyond their interval"
    told += f" ({_listed(worse)}). " if worse else ". "
    if any(group.amplified for group in groups):
        told += f"The gap is wider than the teacher's for {len(wider)}" + (
            f" ({_listed(wider)}). " if wider else ". "
        )
    expected = _CHANCE_ABOVE * len(groups)
    told += f"Were nobody worse off, about {expected:.1f} of {len(groups)} intervals would lie above zero by chance."
    few = sum(group.small for group in groups)
    return told + (f" {few} are small (†): nothing should rest on one of them alone." if few else "")


def picture(comparison: Comparison) -> Markup:
    """Draw the gap of each subgroup with its interval, the teacher's beside it; worse off is to the right."""
    rows = [
        (group.name + (" †" if group.small else ""), [m for m in (group.teacher_gap, group.gap) if m])
        for group in comparison.subgroups
    ]
    title = f"{metric_name(comparison.figure)} by {comparison.attribute}: gap to all others"
    identifier = f"fairness-{comparison.figure}-{comparison.attribute}"
    return dots(identifier, title, rows, ("better off", "worse off"))


def _subject(figures: Figures) -> Subject:
    compared = (who for who in _PREFERRED for name in FAIR if figures.under(f"subgroup_gap_{name}", who))
    return next(compared, "bundle")


def _subgroup(figures: Figures, figure: str, part: str, subject: Subject, small: int) -> Subgroup:
    value, gap = (
        figures.get(f"{prefix}{figure}/{part}", subject) for prefix in ("subgroup_", "subgroup_gap_")
    )
    if value is None or gap is None:
        raise KeyError(f"evidence tells a gap of {part} without its figure")
    return Subgroup(
        name=part.partition(":")[2].replace("_", " "),
        value=value,
        teacher=figures.get(f"subgroup_{figure}/{part}", "teacher"),
        gap=gap,
        teacher_gap=figures.get(f"subgroup_gap_{figure}/{part}", "teacher"),
        amplified=figures.get(f"amplification_{figure}/{part}", subject),
        small=value.n < small,
    )


def _listed(names: Sequence[str], most: int = 6) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
