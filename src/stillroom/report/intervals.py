"""The retention picture: one small panel for each figure, all subjects below one another with their intervals."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from stillroom.report.figures import Figures
from stillroom.report.format import bare, show
from stillroom.report.names import SUBJECT_NAMES, metric_name
from stillroom.report.svg import COLOURS, Scale, figure, line, marker, scale_for, tag, text, tick_label
from stillroom.types import Metric

WIDTH, ROW, TOP, LEFT, RIGHT = 338, 26, 46, 112, 78
OFF_SCALE = 4
"""The untrained student is drawn at the edge where it is so many times worse than all others."""


def panels(figures: Figures, names: Sequence[str]) -> list[Markup]:
    """Draw a panel for each figure that was measured."""
    return [
        _panel(name, [m for m in figures.row(name) if m], _chance(figures, name))
        for name in figures.measured(names)
    ]


def _panel(name: str, metrics: Sequence[Metric], chance: float | None) -> Markup:
    height = TOP + ROW * len(metrics) + 26
    inside = [metric for metric in metrics if not _is_off_scale(metric, metrics)]
    scale = _scale(inside, chance)
    direction = "more is better" if metrics[0].higher_is_better else "less is better"
    parts = [
        text(0, 16, metric_name(name), class_="panel-title"),
        text(0, 32, direction, class_="note"),
        *_axis(scale, height, metrics[0].unit),
    ]
    if chance is not None:
        parts += [
            line(scale(chance), TOP - 6, scale(chance), height - 24, "reference"),
            text(scale(chance), TOP - 10, "chance", "middle", "note"),
        ]
    for at, metric in enumerate(metrics):
        parts += _row(metric, TOP + ROW * at + ROW / 2, scale, off_scale=metric not in inside)
    spoken = "; ".join(f"{SUBJECT_NAMES[m.subject]} {show(m)}{_spoken_interval(m)}" for m in metrics)
    return figure(f"panel-{name}", WIDTH, height, f"{metric_name(name)}, {direction}", spoken, parts)


def _row(metric: Metric, y: float, scale: Scale, *, off_scale: bool) -> list[Markup]:
    x = scale(metric.value)
    parts = [
        text(0, y + 4, SUBJECT_NAMES[metric.subject]),
        line(LEFT, y, WIDTH - RIGHT, y, "row"),
        text(WIDTH, y + 4, _number(metric), "end", "value"),
    ]
    if off_scale:
        tip, step = (LEFT, 8) if metric.higher_is_better else (WIDTH - RIGHT, -8)
        return [
            *parts,
            tag("path", d=f"M{tip + step} {y - 5} L{tip} {y} L{tip + step} {y + 5}", class_="beyond"),
        ]
    if metric.ci_low is not None and metric.ci_high is not None:
        parts.append(
            line(scale(metric.ci_low), y, scale(metric.ci_high), y, "span", stroke=COLOURS[metric.subject])
        )
    return [*parts, marker(metric.subject, x, y)]


def _number(metric: Metric) -> Markup:
    return tag("tspan", show(metric), data_metric=metric.name, data_subject=metric.subject, data_end="value")


def _axis(scale: Scale, height: int, unit: str) -> list[Markup]:
    bottom = height - 22
    parts = []
    for value in scale.ticks(3):
        label = f"{100 * value:.3g} %" if unit == "proportion" else tick_label(value)
        parts.append(line(scale(value), TOP - 4, scale(value), bottom, "grid"))
        parts.append(text(scale(value), bottom + 14, label, "middle", "tick"))
    return parts


def _scale(metrics: Sequence[Metric], chance: float | None) -> Scale:
    ends = [end for m in metrics for end in (m.value, m.ci_low, m.ci_high) if end is not None]
    values = [*ends, *([] if chance is None else [chance])]
    log = metrics[0].name == "perplexity" and max(values) > 3 * min(values)
    return scale_for(values, LEFT, WIDTH - RIGHT, log=log)


def _is_off_scale(metric: Metric, metrics: Sequence[Metric]) -> bool:
    others = [m.value for m in metrics if m.subject != "student_untrained"]
    if metric.subject != "student_untrained" or not others:
        return False
    if metric.higher_is_better:
        return OFF_SCALE * metric.value < min(others)
    return metric.value > OFF_SCALE * max(others)


def _chance(figures: Figures, name: str) -> float | None:
    chance = (figures.evidence.facts or {}).get("choice_chance")
    return float(chance) if name == "choice_accuracy" and chance is not None else None


def _spoken_interval(metric: Metric) -> str:
    if metric.ci_low is None:
        return ""
    return f", interval {bare(metric, 'low')} to {bare(metric, 'high')}"
