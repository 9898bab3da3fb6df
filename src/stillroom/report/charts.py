"""Reliability diagrams, loss curves, the trade-off of size, speed and quality, and small difference bars."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from stillroom.report.figures import Figures
from stillroom.report.format import show
from stillroom.report.names import SUBJECT_NAMES, metric_name
from stillroom.report.svg import (
    COLOURS,
    Scale,
    figure,
    line,
    marker,
    scale_for,
    tag,
    text,
    tick_label,
)
from stillroom.report.verdict import standing
from stillroom.types import Curve, Evidence, Metric, Subject

RELIABILITY = "reliability"
_ELSEWHERE = frozenset({RELIABILITY, "insertion", "deletion", "membership"})
"""Curves that are no losses."""

_LABEL_WIDTH, _LABEL_HEIGHT = 84, 27
_DASHES: dict[Subject, str] = {"control": "7 3", "bundle": "2 3"}


def reliability(evidence: Evidence) -> list[Markup]:
    """Draw a reliability diagram for each subject: confidence against how often it was right."""
    return [_reliability(curve) for curve in evidence.curves if curve.name == RELIABILITY]


def losses(evidence: Evidence) -> list[Markup]:
    """Draw the training and validation losses, one chart for each kind of loss."""
    names = dict.fromkeys(curve.name for curve in evidence.curves if curve.name not in _ELSEWHERE)
    return [_losses(name, [curve for curve in evidence.curves if curve.name == name]) for name in names]


def lines(evidence: Evidence, names: Sequence[str]) -> list[Markup]:
    """Draw the named curves, all subjects of one in a chart."""
    found = {name: [curve for curve in evidence.curves if curve.name == name] for name in names}
    return [_losses(name.replace("_", " "), curves) for name, curves in found.items() if curves]


def trade_off(figures: Figures, cost: str, quality: str = "perplexity") -> Markup | None:
    """Draw a cost against a quality; None where fewer than two subjects have both. Better is up and left or right.

    The untrained student is left out: its quality is that of no model at all.
    """
    pairs = [
        (across, up)
        for across, up in zip(figures.row(cost), figures.row(quality), strict=True)
        if across and up and across.subject != "student_untrained"
    ]
    return _trade_off(pairs) if len(pairs) >= 2 else None


def difference_bar(metric: Metric) -> Markup:
    """Draw a paired difference with its interval around zero; better is always to the right."""
    width, height, y = 168, 22, 11
    sign = 1 if metric.higher_is_better else -1
    low = metric.value if metric.ci_low is None else metric.ci_low
    high = metric.value if metric.ci_high is None else metric.ci_high
    reach = max(abs(low), abs(high)) or 1.0
    scale = Scale(-reach, reach, 8, width - 8)
    title = f"{metric_name(metric.name)}: {show(metric)}"
    parts = [
        line(width / 2, 1, width / 2, height - 1, "zero"),
        line(scale(sign * low), y, scale(sign * high), y, f"span {standing(metric)}"),
        tag("circle", cx=scale(sign * metric.value), cy=y, r=4.5, class_=f"dot {standing(metric)}"),
    ]
    identifier = f"difference-{metric.name}-{metric.subject}".replace("/", "-").replace(" ", "-")
    return figure(identifier, width, height, title, "better is to the right, the line is zero", parts)


def _reliability(curve: Curve) -> Markup:
    size, left, top = 160, 28, 26
    width, height = left + size + 8, top + size + 36
    across, up = Scale(0, 1, left, left + size), Scale(0, 1, top + size, top)
    parts = [
        text(left, 14, SUBJECT_NAMES[curve.subject], class_="panel-title"),
        tag("rect", x=left, y=top, width=size, height=size, class_="frame"),
        line(across(0), up(0), across(1), up(1), "reference"),
    ]
    for value in (0.0, 0.5, 1.0):
        parts.append(text(across(value), top + size + 14, tick_label(value), "middle", "tick"))
        parts.append(text(left - 5, up(value) + 4, tick_label(value), "end", "tick"))
    parts.append(
        text(left + size / 2, height - 4, f"{curve.x_label} across, {curve.y_label} up", "middle", "note")
    )
    points = list(zip(curve.x, curve.y, strict=True))
    parts.append(_path(points, across, up, curve.subject))
    parts += [marker(curve.subject, across(x), up(y), 3.5) for x, y in points]
    spoken = "; ".join(f"says {x:.2f}, is right {y:.2f}" for x, y in points)
    return figure(
        f"reliability-{curve.subject}", width, height, f"Reliability of {curve.subject}", spoken, parts
    )


def _losses(name: str, curves: Sequence[Curve]) -> Markup:
    width, height, left = 338, 250, 44
    legend, top = _legend([curve.subject for curve in curves], width, 34)
    values = [y for curve in curves for y in curve.y]
    log = min(values) > 0 and max(values) > 4 * min(values)
    steps = [x for curve in curves for x in curve.x]
    across, up = Scale(min(steps), max(steps), left, width - 12), scale_for(values, height - 38, top, log=log)
    parts = [text(0, 16, name[:1].upper() + name[1:], class_="panel-title")]
    parts += legend
    for value in up.ticks(4):
        parts.append(line(left, up(value), width - 12, up(value), "grid"))
        parts.append(text(left - 6, up(value) + 4, tick_label(value), "end", "tick"))
    for value in across.ticks(4):
        parts.append(text(across(value), height - 22, tick_label(value), "middle", "tick"))
    axis = f"{curves[0].x_label} across, {curves[0].y_label} up{' (logarithmic)' if log else ''}"
    parts.append(text((left + width) / 2, height - 4, axis, "middle", "note"))
    parts += [_path(list(zip(curve.x, curve.y, strict=True)), across, up, curve.subject) for curve in curves]
    ends = "; ".join(f"{SUBJECT_NAMES[c.subject]} from {c.y[0]:.3f} to {c.y[-1]:.3f}" for c in curves)
    return figure(f"losses-{name.replace(' ', '-')}", width, height, name, ends, parts)


def _trade_off(pairs: Sequence[tuple[Metric, Metric]]) -> Markup:
    width, height, left, top = 338, 290, 34, 40
    across = scale_for([m.value for m, _ in pairs], left, width - 86, log=True)
    ends = [end for _, m in pairs for end in (m.value, m.ci_low, m.ci_high) if end is not None]
    bottom_top = (height - 46, top) if pairs[0][1].higher_is_better else (top, height - 46)
    up = scale_for(ends, *bottom_top, pad=0.2)
    cost, quality = pairs[0]
    title = f"{metric_name(quality.name)} against {metric_name(cost.name).lower()}"
    parts = [text(0, 16, title, class_="panel-title")]
    for value in up.ticks(4):
        parts.append(line(left, up(value), width, up(value), "grid"))
        parts.append(text(left - 6, up(value) + 4, tick_label(value), "end", "tick"))
    for value in across.ticks(3):
        parts.append(text(across(value), height - 26, _tick_of(cost, value), "middle", "tick"))
    toward = "right" if cost.higher_is_better else "left"
    parts.append(text((left + width) / 2, height - 6, f"better is up and {toward}", "middle", "note"))
    labels = _apart([(across(x.value), up(y.value)) for x, y in pairs])
    for (x, y), label_y in zip(pairs, labels, strict=True):
        parts += _point(across(x.value), up, label_y, x, y)
    spoken = "; ".join(f"{SUBJECT_NAMES[x.subject]}: {show(x)}, {show(y)}" for x, y in pairs)
    return figure(f"trade-off-{cost.name}", width, height, title, spoken, parts)


def _point(at: float, up: Scale, label_y: float, cost: Metric, quality: Metric) -> list[Markup]:
    subject = cost.subject
    parts = []
    if quality.ci_low is not None and quality.ci_high is not None:
        parts.append(line(at, up(quality.ci_low), at, up(quality.ci_high), "span", stroke=COLOURS[subject]))
    label = tag("tspan", show(cost), data_metric=cost.name, data_subject=subject, data_end="value")
    return [
        *parts,
        marker(subject, at, up(quality.value), 6),
        text(at + 12, label_y - 2, SUBJECT_NAMES[subject], class_="label strong"),
        text(at + 12, label_y + 12, label, class_="note"),
    ]


def _apart(places: Sequence[tuple[float, float]]) -> list[float]:
    """Heights of labels at ``(x, y)``, moved down until none lies on another.

    >>> _apart([(0.0, 50.0), (10.0, 10.0), (20.0, 12.0), (300.0, 12.0)])
    [64.0, 10.0, 37.0, 12.0]
    """
    placed: dict[int, float] = {}
    for at in sorted(range(len(places)), key=lambda at: places[at][1]):
        x, y = places[at]
        above = [
            placed[other] + _LABEL_HEIGHT for other in placed if abs(places[other][0] - x) < _LABEL_WIDTH
        ]
        placed[at] = max([y, *above])
    return [placed[at] for at in range(len(places))]


def _tick_of(cost: Metric, value: float) -> str:
    as_shown = Metric(cost.name, "", cost.subject, value, None, None, 1, cost.unit, cost.higher_is_better)
    number, space, unit = show(as_shown).partition(" ")
    return f"{number.rstrip('0').rstrip('.') if '.' in number else number}{space}{unit}"


def _legend(subjects: Sequence[Subject], width: float, y: float) -> tuple[list[Markup], float]:
    """Names and lines of subjects, in as many rows as they need, and where the drawing below may begin."""
    parts, x = [], 0.0
    for subject in dict.fromkeys(subjects):
        name = SUBJECT_NAMES[subject]
        room = 36 + 6.6 * len(name)
        if x and x + room > width:
            x, y = 0.0, y + 15
        parts.append(line(x, y - 4, x + 18, y - 4, "curve", stroke=COLOURS[subject], **_dash(subject)))
        parts.append(text(x + 23, y, name, class_="note"))
        x += room
    return parts, y + 18


def _path(points: Sequence[tuple[float, float]], across: Scale, up: Scale, subject: Subject) -> Markup:
    corners = " ".join(f"{across(x):.1f},{up(y):.1f}" for x, y in points)
    return tag("polyline", points=corners, class_="curve", stroke=COLOURS[subject], **_dash(subject))


def _dash(subject: Subject) -> dict[str, str]:
    return {"stroke_dasharray": _DASHES[subject]} if subject in _DASHES else {}
