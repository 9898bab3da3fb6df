"""Numbers as a reader expects them: rounded to what the evidence bears, with their unit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import floor, log10
from typing import Literal

from stillroom.types import Metric

End = Literal["value", "low", "high"]
MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"
NO_BREAK = "\N{NO-BREAK SPACE}"


def significant(value: float, digits: int = 3) -> str:
    """Round to significant digits, never in scientific notation.

    >>> significant(25.4637), significant(0.01234), significant(12345.6), significant(2_812_345.0)
    ('25.5', '0.0123', '12,346', '2.81 million')
    """
    for size, name in ((1e9, "billion"), (1e6, "million")):
        if abs(value) >= size:
            return f"{significant(value / size, digits)} {name}"
    magnitude = floor(log10(abs(value))) if value else 0
    return f"{value:,.{max(0, digits - 1 - magnitude)}f}"


def below(value: float) -> str:
    """Write a small number by the power of ten that it stays below.

    >>> below(4.11e-07), below(0.02), below(0.0)
    ('0.000001', '0.1', '0')
    """
    if not value:
        return "0"
    power = floor(log10(abs(value))) + 1
    return f"{10.0**power:.{max(0, -power)}f}"


def show(metric: Metric, end: End = "value") -> str:
    """Write a metric's value, or an end of its interval, with its unit.

    A difference carries its sign; differences of shares are percentage points.

    >>> show(Metric("perplexity", "test", "student", 25.46, 24.0, 27.0, 400, "", False))
    '25.5'
    >>> show(Metric("token_accuracy_minus_control", "test", "student", 0.01, 0, 0.02, 9, "proportion", True))
    '+1.0 points'

    Raises:
        ValueError: the metric has no such end.
    """
    value = {"value": metric.value, "low": metric.ci_low, "high": metric.ci_high}[end]
    if value is None:
        raise ValueError(f"{metric.name} of {metric.subject} has no interval")
    is_difference = "_minus_" in metric.name
    unit = "difference" if is_difference and metric.unit == "proportion" else metric.unit
    text = _BY_UNIT.get(unit, significant)(value)
    if set(text) & set("123456789"):
        text = f"+{text}" if (is_difference or unit == "difference") and value > 0 else text
    else:
        text = text.removeprefix("-")
    return text.replace("-", MINUS)


def bare(metric: Metric, end: End) -> str:
    """Write an end of an interval without its unit, to stand beside the value.

    >>> bare(Metric("prefill_ms", "", "bundle", 81.2, 80.0, 83.1, 9, "ms", False), "high")
    '83.1'
    """
    text, _, unit = show(metric, end).partition(" ")
    unit = unit.partition(" ")[0]
    needs_size = unit in {"million", "billion"} and not (end == "low" and f" {unit}" in show(metric, "high"))
    return f"{text} {unit}" if needs_size else text


def seconds(value: float) -> str:
    """Write a duration.

    >>> print(seconds(42.0).split(), seconds(724.0).split())
    ['42', 's'] ['12', 'min', '4', 's']
    """
    minutes, rest = divmod(round(value), 60)
    text = f"{minutes} min {rest} s" if minutes else f"{rest} s"
    return text.replace(" ", NO_BREAK)


def gibibytes(value: float) -> str:
    """Write an amount of memory.

    >>> gibibytes(3.5 * 2**30).split()
    ['3.50', 'GiB']
    """
    return f"{significant(value / 2**30)}{NO_BREAK}GiB"


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"


def _points(value: float) -> str:
    return f"{100 * value:.1f} points"


def _three(value: float) -> str:
    return f"{value:.4f}" if abs(value) < 0.01 else f"{value:.3f}"


def _bytes(value: float) -> str:
    return f"{significant(value / 1e6)} MB" if abs(value) < 1e9 else f"{significant(value / 1e9)} GB"


def _with_unit(unit: str) -> Callable[[float], str]:
    return lambda value: f"{significant(value)} {unit}"


_BY_UNIT: Mapping[str, Callable[[float], str]] = {
    "proportion": _percent,
    "ratio": _percent,
    "difference": _points,
    **dict.fromkeys(("nats/token", "nats", "area", "correlation", "overlap", "share of variance"), _three),
    "probability": _three,
    "squared probability": _three,
    "F1": _three,
    "0-100": lambda value: f"{value:.1f}",
    "bytes": _bytes,
    "ms": lambda value: f"{significant(value)} ms",
    "tokens/s": lambda value: f"{significant(value)} tokens/s",
    **{unit: _with_unit(unit) for unit in ("days", "FLOP", "J", "mg", "g")},
}
