"""Attacks on privacy for a reader: what they found, and what could not be measured."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from stillroom.report.charts import lines
from stillroom.report.figures import Figures
from stillroom.report.marks import fact, interval, number
from stillroom.report.names import SUBJECT_NAMES
from stillroom.report.section import Section, lines_of
from stillroom.types import Subject
from stillroom.validate.axes import PRIVACY

CURVES = ("membership",)
_COLUMNS: tuple[Subject, ...] = ("teacher", "control", "student", "bundle")
_PUBLISHED: tuple[Subject, ...] = ("student", "bundle")
_CHANCE = 0.5
_LEAD = (
    "An attacker scores items, and we look how well the scores tell those that were learned from. An area of 0.5 is "
    "chance. An area is an average: single persons may be told with certainty where it is near 0.5, so the share of "
    "hits at few false alarms counts more. None of it is a guarantee; only differential privacy gives one."
)


def section(figures: Figures) -> Section | None:
    """The section, or None where nothing was attacked."""
    if not any(figures.under(name, who) for name in PRIVACY for who in _COLUMNS):
        return None
    return Section(
        "privacy",
        "Does it tell whom it learned from?",
        "Privacy",
        _LEAD,
        (*_found(figures), *_limits(figures)),
        tuple(lines(figures.evidence, CURVES)),
        _COLUMNS,
        lines_of(figures, tuple(PRIVACY), _COLUMNS),
    )


def _found(figures: Figures) -> Iterator[Markup]:
    for who in _PUBLISHED:
        for part, area in figures.under("membership_auc", who).items():
            low = _CHANCE if area.ci_low is None else area.ci_low
            told = (
                "tells training items from others better than chance"
                if low > _CHANCE
                else "is not shown to work"
            )
            yield Markup("{}: the attack {} {} (area {}, {}).").format(
                SUBJECT_NAMES[area.subject], part.replace("_", " "), told, number(area), interval(area)
            )


def _limits(figures: Figures) -> Iterator[Markup]:
    """What an attack claims, what it does not, and hits that need more items."""
    facts = figures.evidence.facts or {}
    for name, value in facts.items():
        kind, _, rest = name.partition("/")
        attack, _, told = rest.partition("/")
        subject, _, told = told.partition("/")
        if kind not in ("membership", "attribute_inference") or subject not in _PUBLISHED:
            continue
        if told in _WORDS:
            text = Markup("{} {}: {}.")
            yield text.format(attack.replace("_", " ").capitalize(), _WORDS[told], fact(name, value))


_WORDS = {
    "claims": "shows",
    "limits": "does not show everything",
    "tpr_at_1_percent": "at 1 % of false alarms",
    "tpr_at_01_percent": "at 0.1 % of false alarms",
}
