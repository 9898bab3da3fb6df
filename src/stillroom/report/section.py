"""A section of the page about one axis: what it asks, sentences, drawings and a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from stillroom.report.figures import Figures
from stillroom.report.names import metric_name
from stillroom.types import Metric, Subject

Line = tuple[str, list[Metric | None]]


@dataclass(frozen=True, slots=True)
class Section:
    """What an axis shows, as one template draws it.

    Attributes:
        identifier: of its place on the page.
        title: the question that it answers.
        menu: its name in the list of contents.
        lead: what its figures are.
        sentences: what they say.
        drawings: pictures.
        columns: whose figures the table holds.
        rows: head, and a figure or none of each column.
    """

    identifier: str
    title: str
    menu: str
    lead: str
    sentences: tuple[str | Markup, ...]
    drawings: tuple[Markup, ...]
    columns: tuple[Subject, ...]
    rows: list[Line] = field(default_factory=list)


def lines_of(figures: Figures, names: Sequence[str], columns: Sequence[Subject]) -> list[Line]:
    """Every figure of some names, overall and by part, that one of the subjects has."""
    found = []
    for name in names:
        parts = dict.fromkeys(part for who in columns for part in figures.under(name, who))
        title = metric_name(name) + (", over the control" if name.endswith("_minus_control") else "")
        keys = [(title, name), *((f"{title}, {_told(part)}", f"{name}/{part}") for part in parts)]
        found += [(head, row) for head, key in keys if any(row := figures.row(key, columns))]
    return found


def _told(part: str) -> str:
    return part.replace("_", " ").replace(":", " ").replace(",", ", ")
