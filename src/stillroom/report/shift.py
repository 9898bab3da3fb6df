"""Other sites and other data for a reader."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from stillroom.report.dots import dots
from stillroom.report.figures import Figures
from stillroom.report.marks import interval, number
from stillroom.report.names import metric_name
from stillroom.report.section import Section, lines_of
from stillroom.report.verdict import standing
from stillroom.types import Metric, Subject
from stillroom.validate.axes import SHIFT, SHIFTED

_COLUMNS: tuple[Subject, ...] = ("teacher", "control", "student")
_LEAD = (
    "Cases inside the domain are like those that were learned from; cases outside come from another site, device or "
    "kind. A model should lose little outside, look unsure there, and leave more to people."
)


def section(figures: Figures) -> Section | None:
    """The section, or None where nothing outside was measured."""
    if not any(figures.under("ood_auroc", who) for who in _COLUMNS):
        return None
    return Section(
        "shift",
        "Does it hold elsewhere?",
        "Other sites",
        _LEAD,
        (*_noticed(figures), *_lost(figures), *_left(figures)),
        tuple(_pictures(figures)),
        _COLUMNS,
        lines_of(figures, tuple(SHIFT), _COLUMNS),
    )


def _noticed(figures: Figures) -> Iterator[Markup]:
    for part, area in figures.under("ood_auroc", "student").items():
        low = area.value if area.ci_low is None else area.ci_low
        told = "tells" if low > 0.5 else "is not shown to tell"
        yield Markup("The student's {} {} cases outside from cases inside: area {} ({}).").format(
            part.replace("_", " "), told, number(area), interval(area)
        )


def _lost(figures: Figures) -> Iterator[Markup]:
    for name in SHIFTED:
        gap = figures.get(f"shift_gap_{name}", "student")
        if gap is not None:
            told = {"against": "worse", "open": "not told apart", "shown": "better"}[standing(gap)]
            text = Markup("{}: outside, the student is {}, by {} ({}).{}{}")
            yield text.format(
                metric_name(name),
                told,
                number(gap),
                interval(gap),
                _beside(figures.get(f"extra_shift_gap_{name}", "student"), "teacher"),
                _beside(figures.get(f"shift_gap_{name}_minus_control", "student"), "control"),
            )


def _beside(more: Metric | None, other: str) -> Markup:
    if more is None:
        return Markup("")
    told = {"against": "loses more", "open": "is not shown to lose more", "shown": "loses less"}[
        standing(more)
    ]
    return Markup(" It {} than its {} ({}, {}).").format(told, other, number(more), interval(more))


def _left(figures: Figures) -> Iterator[Markup]:
    rate, gain = (figures.get(name, "student") for name in ("shift_deferral_rate", "shift_abstention_gain"))
    if rate is not None and gain is not None:
        yield Markup(
            "A threshold that leaves few cases inside to people leaves {} ({}) outside to them, and lowers the share "
            "of wrong decisions among the others by {} ({})."
        ).format(number(rate), interval(rate), number(gain), interval(gain))


def _pictures(figures: Figures) -> Iterator[Markup]:
    for name in SHIFTED:
        metrics = [metric for metric in figures.row(f"shift_gap_{name}", _COLUMNS) if metric]
        if metrics:
            yield dots(
                f"shift-{name}",
                f"{metric_name(name)}: how much worse outside",
                [("outside of the domain", metrics)],
                ("better", "worse"),
            )
