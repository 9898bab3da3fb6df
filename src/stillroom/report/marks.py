"""Numbers marked up so that each can be traced to its line in the evidence."""

from __future__ import annotations

from typing import Literal

from markupsafe import Markup

from stillroom.report.format import DASH, End, bare, show, significant
from stillroom.types import Gate, Metric
from stillroom.validate.metrics import spec

SMALL_N = 30
"""Fewer independent units than this are marked: their intervals are rough."""


def number(metric: Metric, end: End = "value", *, unit: bool = True) -> Markup:
    """Mark up a number so that it can be traced to its line in the evidence."""
    text = show(metric, end) if unit else bare(metric, end)
    return Markup('<span class="n" data-metric="{}" data-subject="{}" data-end="{}">{}</span>').format(
        metric.name, metric.subject, end, text
    )


def interval(metric: Metric) -> Markup:
    """Mark up the 95 % interval, or nothing where the figure is exact."""
    if metric.ci_low is None or metric.ci_high is None:
        return Markup("")
    ends = number(metric, "low", unit=False), number(metric, "high", unit=False)
    return Markup('<span class="ci">{} to {}</span>').format(*ends)


def cell(metric: Metric | None) -> Markup:
    """Mark up a table cell: the value, its interval below, and a mark where there are few units."""
    if metric is None:
        return Markup('<td class="none" title="not measured">{}</td>').format(DASH)
    few = bool(metric.split) and metric.n < SMALL_N
    return Markup('<td class="{}">{}{}{}</td>').format(
        "few" if few else "figure",
        number(metric),
        Markup('<abbr title="fewer than {} independent units">†</abbr>').format(SMALL_N) if few else "",
        interval(metric),
    )


def counted(metric: Metric) -> Markup:
    """Mark up the number of independent units behind a metric."""
    return Markup('<span class="n" data-metric="{}" data-subject="{}" data-end="n">{:,}</span>').format(
        metric.name, metric.subject, metric.n
    )


def gate_number(gate: Gate, end: Literal["threshold", "value", "bound"]) -> Markup:
    """Mark up a number of a gate, in the unit of its metric; a dash where it was not measured."""
    unit = spec(gate.metric)
    value = {"threshold": gate.threshold, "value": gate.value, "bound": gate.bound}[end]
    if value is None:
        return Markup('<span class="n" data-gate="{}" data-end="{}">–</span>').format(gate.name, end)
    metric = Metric(gate.metric, "", gate.subject, value, None, None, 1, unit.unit, unit.higher_is_better)
    text = Markup('<span class="n" data-gate="{}" data-end="{}">{}</span>')
    return text.format(gate.name, end, show(metric))


def fact(name: str, value: str | int | float) -> Markup:
    """Mark up a fact; numbers are rounded to three significant digits."""
    text = value if isinstance(value, str) else f"{value:,}" if isinstance(value, int) else significant(value)
    return Markup('<span data-fact="{}">{}</span>').format(name, text)
