"""What models look at, for a reader: are their explanations faithful, and are they the teacher's?"""

from __future__ import annotations

from markupsafe import Markup

from stillroom.report.charts import lines
from stillroom.report.figures import Figures
from stillroom.report.marks import interval, number
from stillroom.report.section import Section, lines_of
from stillroom.report.verdict import standing
from stillroom.types import Subject
from stillroom.validate.axes import EXPLANATIONS

CURVES = ("insertion", "deletion")
_COLUMNS: tuple[Subject, ...] = ("teacher", "control", "student")
_LEAD = (
    "An attribution says how much each input spoke for an answer. It is faithful if the answer rises fast when the "
    "inputs it names are given first, and falls fast when they are taken first; orders by chance are held beside it. "
    "Agreement compares the student's attributions with its teacher's, beside what a control without a teacher reaches."
)


def section(figures: Figures) -> Section | None:
    """The section, or None where nothing was explained."""
    if not figures.measured(EXPLANATIONS, _COLUMNS):
        return None
    return Section(
        "explanations",
        "What do they look at?",
        "Explanations",
        _LEAD,
        tuple(told for told in (_faithful(figures), _agreeing(figures), _followed(figures)) if told),
        tuple(lines(figures.evidence, CURVES)),
        _COLUMNS,
        lines_of(figures, tuple(EXPLANATIONS), _COLUMNS),
    )


def _faithful(figures: Figures) -> Markup | None:
    found = figures.get("insertion_above_random", "student")
    if found is None:
        return None
    told = {
        "shown": "The student's attributions name what its answers rest on, better than chance",
        "open": "Whether the student's attributions name what its answers rest on is open",
        "against": "The student's attributions are worse than an order by chance",
    }[standing(found)]
    return Markup("{}: an area of insertion {} ({}) above that of orders by chance.").format(
        told, number(found), interval(found)
    )


def _agreeing(figures: Figures) -> Markup | None:
    mine = figures.get("attribution_rank_agreement", "student")
    more = figures.get("attribution_rank_agreement_minus_control", "student")
    if mine is None or more is None:
        return None
    told = {
        "shown": "The student looks at what its teacher looks at more than the control does",
        "open": "That the student looks at what its teacher looks at more than the control does is not shown",
        "against": "The student looks at other things than its teacher, more so than the control",
    }[standing(more)]
    return Markup("{}: rank correlation {} ({}), {} ({}) over the control.").format(
        told, number(mine), interval(mine), number(more), interval(more)
    )


def _followed(figures: Figures) -> Markup | None:
    """The class in which the student leaves its teacher most often."""
    classes = {
        part.removeprefix("class:"): metric
        for part, metric in figures.under("fidelity", "student").items()
        if part.startswith("class:")
    }
    if not classes:
        return None
    name, least = min(classes.items(), key=lambda item: item[1].value)
    return Markup(
        "The student leaves its teacher most often where the teacher says “{}”: there it answers alike in {} ({})."
    ).format(name, number(least), interval(least))
