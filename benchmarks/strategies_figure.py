"""The picture of `docs/strategies.md`: what each row brings beside its control, seed by seed, with intervals."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup
from strategies_page import CORPORA, Margin, Record

from stillroom.report.svg import COLOURS, Scale, figure, line, scale_for, tag, text, tick_label

FURTHEST = 0.8
LEFT, PANEL, GAP, TOP, ROW, SEED = 330, 280, 30, 64, 34, 8
HELPS, HARMS, OPEN = COLOURS["student"], COLOURS["control"], COLOURS["student_untrained"]
STYLE = (
    "text{font:12px sans-serif;fill:#24292f}.tick,.note{font-size:11px;fill:#57606a}.panel-title{font-weight:bold}"
    ".grid{stroke:#eaeef2}.zero{stroke:#57606a}.row{stroke:#eaeef2}"
)


def forest(record: Record, strategies: Sequence[str]) -> str:
    """Draw one panel a corpus, a line for each row, an interval for each seed; all panels share their scale."""
    names = [name for name in strategies if any(name in rows for rows in record.corpora.values())]
    drawn = [
        m for rows in record.corpora.values() for row in rows.values() for m in row.margins if not _far(m)
    ]
    ends = [0.0, *(m.low for m in drawn), *(m.high for m in drawn)]
    bottom, width = TOP + ROW * len(names), LEFT + len(CORPORA) * (PANEL + GAP)
    parts = [tag("style", STYLE), tag("rect", width=width, height=bottom + 40, fill="#fff")]
    for at, name in enumerate(names):
        y = TOP + ROW * (at + 0.5)
        parts += [text(8, y + 4, name), line(8, y + ROW / 2, width - GAP, y + ROW / 2, "row")]
    for number, (corpus, title) in enumerate(CORPORA.items()):
        start, rows = LEFT + number * (PANEL + GAP), record.corpora[corpus]
        scale = scale_for(ends, start, start + PANEL)
        parts += _axis(scale, title, bottom)
        for at, name in enumerate(names):
            parts += _seeds(scale, rows[name].margins if name in rows else (), TOP + ROW * (at + 0.5))
    picture = figure(
        "strategies",
        width,
        bottom + 40,
        "Student minus control in log-perplexity",
        "The figures stand in the tables of docs/strategies.md.",
        parts,
    )
    return str(picture).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1) + "\n"


def _axis(scale: Scale, title: str, bottom: int) -> list[Markup]:
    parts = [
        text(scale.start, 18, title, class_="panel-title"),
        text(scale.start, 36, "← helps", class_="note"),
    ]
    parts += [text(scale.end, 36, "harms →", "end", "note")]
    for value in scale.ticks(4):
        class_ = "zero" if value == 0 else "grid"
        parts += [line(scale(value), TOP - 12, scale(value), bottom, class_)]
        parts += [text(scale(value), bottom + 16, tick_label(value), "middle", "tick")]
    return [*parts, text((scale.start + scale.end) / 2, bottom + 34, "nats a token", "middle", "note")]


def _far(margin: Margin) -> bool:
    """Whether a margin would take the scale from the others."""
    return abs(margin.value) > FURTHEST


def _seeds(scale: Scale, seeds: Sequence[Margin], middle: float) -> list[Markup]:
    parts = []
    for number, margin in enumerate(seeds):
        y = middle + SEED * (number - (len(seeds) - 1) / 2)
        colour = HELPS if margin.helps else HARMS if margin.harms else OPEN
        if _far(margin):
            told = f"{margin.value:+.2f} →"
            parts += [tag("text", told, x=scale.end, y=y + 4, text_anchor="end", style=f"fill:{colour}")]
            continue
        low, high = map(scale, (margin.low, margin.high))
        parts += [line(low, y, high, y, stroke=colour, stroke_width=2)]
        parts += [tag("circle", cx=scale(margin.value), cy=y, r=3.2, fill=colour)]
    return parts
