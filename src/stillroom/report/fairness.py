"""Subgroups for a reader: a plain sentence, a picture of the gaps, and the table behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from stillroom.report.figures import Figures
from stillroom.report.format import show
from stillroom.report.names import metric_name
from stillroom.report.svg import COLOURS, figure, line, marker, scale_for, text, tick_label
from stillroom.report.verdict import Standing, standing
from stillroom.types import Metric, Subject
from stillroom.validate.axes import FAIR

_WIDTH, _ROW, _TOP, _LEFT, _RIGHT = 700, 22, 46, 210, 16
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
    groups = comparison.subgroups
    height = _TOP + _ROW * len(groups) + 26
    metrics = [metric for group in groups for metric in (group.gap, group.teacher_gap) if metric]
    ends = [end for m in metrics for end in (m.value, m.ci_low, m.ci_high) if end is not None]
    scale = scale_for([0.0, *ends], _LEFT, _WIDTH - _RIGHT)
    title = f"{metric_name(comparison.figure)} by {comparison.attribute}: gap to all others"
    parts = [text(0, 16, title, class_="panel-title")]
    for value in scale.ticks(5):
        label = tick_label(100 * value) if groups[0].gap.unit == "difference" else tick_label(value)
        parts.append(line(scale(value), _TOP - 10, scale(value), height - 24, "grid"))
        parts.append(text(scale(value), height - 10, label, "middle", "tick"))
    parts.append(line(scale(0), _TOP - 10, scale(0), height - 24, "zero"))
    parts.append(text(scale(0) + 6, _TOP - 16, "worse off →", class_="note"))
    parts.append(text(scale(0) - 6, _TOP - 16, "← better off", "end", "note"))
    for at, group in enumerate(groups):
        y = _TOP + _ROW * at + _ROW / 2
        parts.append(text(0, y + 4, group.name + (" †" if group.small else "")))
        for metric, shift in ((group.teacher_gap, -4), (group.gap, 4)):
            if metric and metric.ci_low is not None and metric.ci_high is not None:
                span = (scale(metric.ci_low), y + shift, scale(metric.ci_high), y + shift)
                parts += [line(*span, "span", stroke=COLOURS[metric.subject])]
                parts.append(marker(metric.subject, scale(metric.value), y + shift, 3.5))
    spoken = "; ".join(f"{group.name} {show(group.gap)}" for group in groups)
    identifier = f"fairness-{comparison.figure}-{comparison.attribute}".replace(" ", "-")
    return figure(identifier, _WIDTH, height, title, spoken, parts)


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
