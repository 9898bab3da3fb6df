"""A picture of differences from zero: a line for each row, a mark with its interval for each subject."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from stillroom.report.format import show
from stillroom.report.names import SUBJECT_NAMES
from stillroom.report.svg import COLOURS, figure, line, marker, scale_for, text, tick_label
from stillroom.types import Metric

_WIDTH, _ROW, _TOP, _LEFT, _RIGHT, _APART = 700, 26, 46, 210, 16, 7


def dots(
    identifier: str, title: str, rows: Sequence[tuple[str, Sequence[Metric]]], sides: tuple[str, str]
) -> Markup:
    """Draw rows of metrics around zero.

    Args:
        identifier: unique on the page.
        title: what is drawn.
        rows: name and metrics, all of one unit.
        sides: what lies to the left of zero, and to the right.
    """
    height = _TOP + _ROW * len(rows) + 26
    metrics = [metric for _, row in rows for metric in row]
    ends = [end for m in metrics for end in (m.value, m.ci_low, m.ci_high) if end is not None]
    scale = scale_for([0.0, *ends], _LEFT, _WIDTH - _RIGHT)
    parts = [text(0, 16, title, class_="panel-title")]
    for value in scale.ticks(5):
        label = (
            tick_label(100 * value) if metrics[0].unit in ("difference", "proportion") else tick_label(value)
        )
        parts.append(line(scale(value), _TOP - 10, scale(value), height - 24, "grid"))
        parts.append(text(scale(value), height - 10, label, "middle", "tick"))
    parts.append(line(scale(0), _TOP - 10, scale(0), height - 24, "zero"))
    parts.append(text(_LEFT, _TOP - 16, f"← {sides[0]}", class_="note"))
    parts.append(text(_WIDTH - _RIGHT, _TOP - 16, f"{sides[1]} →", "end", "note"))
    for at, (name, row) in enumerate(rows):
        middle = _TOP + _ROW * at + _ROW / 2
        parts.append(text(0, middle + 4, name))
        for nth, metric in enumerate(row):
            y = middle + _APART * (nth - (len(row) - 1) / 2)
            if metric.ci_low is not None and metric.ci_high is not None:
                span = scale(metric.ci_low), y, scale(metric.ci_high), y
                parts.append(line(*span, "span", stroke=COLOURS[metric.subject]))
            parts.append(marker(metric.subject, scale(metric.value), y, 3.5))
    spoken = "; ".join(
        f"{name}: {', '.join(f'{SUBJECT_NAMES[m.subject].lower()} {show(m)}' for m in row)}"
        for name, row in rows
    )
    return figure(identifier.replace(" ", "-").replace(":", "-"), _WIDTH, height, title, spoken, parts)
