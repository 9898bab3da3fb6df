"""Drawing by hand: scales, ticks and elements of inline SVG, with text as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from markupsafe import Markup

from stillroom.report.format import MINUS, significant
from stillroom.types import Subject

COLOURS: dict[Subject, str] = {
    "teacher": "#30363d",
    "student_untrained": "#8a929b",
    "control": "#d55e00",
    "student": "#0072b2",
    "bundle": "#009e73",
}
"""Told apart by colour-blind readers (Okabe & Ito 2008); markers differ too, for print in grey."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps values to pixels, linearly or by logarithm."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        """Position of a value; values outside the scale stay at its ends.

        >>> Scale(0, 10, 100, 200)(5), Scale(1, 100, 0, 200, log=True)(10), Scale(0, 1, 0, 9)(7)
        (150.0, 100.0, 9.0)
        """
        low, high, at = (
            log10(end) if self.log else end for end in (self.low, self.high, max(value, self.low))
        )
        return self.start + (min(at, high) - low) / (high - low) * (self.end - self.start)

    def ticks(self, about: int = 4) -> list[float]:
        """Round values inside the scale.

        >>> Scale(0, 1, 0, 1).ticks(), Scale(7, 300, 0, 1, log=True).ticks()
        ([0.0, 0.25, 0.5, 0.75, 1.0], [10.0, 20.0, 50.0, 100.0, 200.0])
        """
        if self.log and self.high / self.low > 3:
            return _log_ticks(self.low, self.high, about)
        step = _round_step((self.high - self.low) / about)
        first, last = ceil(self.low / step - 1e-9), floor(self.high / step + 1e-9)
        return [round(number * step, 12) for number in range(first, last + 1)]


def scale_for(
    values: Iterable[float], start: float, end: float, *, log: bool = False, pad: float = 0.08
) -> Scale:
    """Make a scale that holds the values with some room at both ends."""
    found = list(values)
    low, high = min(found), max(found)
    if log:
        room = max(high / low, 1.2) ** pad
        return Scale(low / room, high * room, start, end, log=True)
    room = pad * ((high - low) or abs(high) or 1.0)
    return Scale(low - room, high + room, start, end)


def tag(name: str, content: object = "", **attributes: object) -> Markup:
    """Make an element; numbers are rounded to a tenth of a pixel, ``_`` becomes ``-``, values are escaped.

    >>> tag("line", x1=0.04, stroke_width=2, class_="axis")
    Markup('<line x1="0" stroke-width="2" class="axis"></line>')
    """
    pairs = Markup("").join(
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), _plain(value))
        for key, value in attributes.items()
    )
    return Markup("<{0}{1}>{2}</{0}>").format(Markup(name), pairs, content)  # noqa: S704 - names are literals


def figure(
    identifier: str, width: int, height: int, title: str, description: str, parts: Sequence[Markup]
) -> Markup:
    """Wrap drawn parts as an image with a title and a description for readers who cannot see it."""
    head = [tag("title", title, id=f"{identifier}-t"), tag("desc", description, id=f"{identifier}-d")]
    return tag(
        "svg",
        Markup("").join([*head, *parts]),
        viewBox=f"0 0 {width} {height}",
        width=width,
        height=height,
        role="img",
        aria_labelledby=f"{identifier}-t {identifier}-d",
    )


def text(x: float, y: float, content: object, anchor: str = "start", class_: str = "label") -> Markup:
    """Write text."""
    return tag("text", content, x=x, y=y, text_anchor=anchor, class_=class_)


def line(x1: float, y1: float, x2: float, y2: float, class_: str = "axis", **more: object) -> Markup:
    """Draw a line."""
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=class_, **more)


def marker(subject: Subject, x: float, y: float, size: float = 5.0) -> Markup:
    """Draw a subject's marker: diamond, ring, square, disc or triangle."""
    colour = COLOURS[subject]
    if subject == "student_untrained":
        return tag("circle", cx=x, cy=y, r=size - 1, fill="#fff", stroke=colour, stroke_width=2)
    if subject == "student":
        return tag("circle", cx=x, cy=y, r=size, fill=colour)
    if subject == "control":
        return tag(
            "rect", x=x - size + 0.5, y=y - size + 0.5, width=2 * size - 1, height=2 * size - 1, fill=colour
        )
    if subject == "teacher":
        corners = [(x, y - size - 1), (x + size + 1, y), (x, y + size + 1), (x - size - 1, y)]
    else:
        corners = [(x, y - size - 0.5), (x + size + 0.5, y + size), (x - size - 0.5, y + size)]
    return tag("polygon", points=" ".join(f"{a:.1f},{b:.1f}" for a, b in corners), fill=colour)


def tick_label(value: float) -> str:
    """Write a tick: short, without trailing zeros.

    >>> tick_label(0.25), tick_label(2_000_000.0), tick_label(-0.5), tick_label(50.0)
    ('0.25', '2 million', '−0.5', '50')
    """
    short = significant(value)
    number, space, unit = short.partition(" ")
    if "." in number:
        number = number.rstrip("0").rstrip(".")
    return f"{number}{space}{unit}".replace("-", MINUS)


def _plain(value: object) -> str:
    return f"{round(value, 1):g}" if isinstance(value, float) else str(value)


def _round_step(rough: float) -> float:
    power = 10.0 ** floor(log10(rough))
    return float(next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= rough * 0.999))


def _log_ticks(low: float, high: float, about: int) -> list[float]:
    span = log10(high / low)
    every, steps = (1, (1, 2, 5)) if span <= 2 else (max(1, round(span / about)), (1,))
    return [
        step * 10.0**decade
        for decade in range(floor(log10(low)), ceil(log10(high)) + 1)
        for step in steps
        if decade % every == 0 and low <= step * 10.0**decade <= high
    ]
