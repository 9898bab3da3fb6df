"""Places of a text that point at a person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal[
    "name",
    "date",
    "age",
    "phone",
    "fax",
    "email",
    "ssn",
    "mrn",
    "account",
    "licence",
    "vehicle",
    "device",
    "url",
    "ip",
    "address",
    "facility",
    "number",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""``account`` holds health plans too; ``number`` is any other number or code that stands for somebody."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A place of a text: where it starts, where it stops, and what stands there."""

    start: int
    stop: int
    kind: Kind


def settle(spans: Iterable[Span]) -> list[Span]:
    """Make spans that overlap one: the whole of them is replaced, as the kind of the longest, of equals the first.

    >>> settle([Span(0, 4, "name"), Span(2, 9, "address"), Span(12, 14, "age")])
    [Span(start=0, stop=9, kind='address'), Span(start=12, stop=14, kind='age')]
    """
    settled: list[Span] = []
    longest = 0
    for span in sorted(spans, key=_order):
        size = span.stop - span.start
        if settled and span.start < settled[-1].stop:
            last = settled[-1]
            kind = span.kind if size > longest else last.kind
            longest = max(longest, size)
            settled[-1] = Span(last.start, max(last.stop, span.stop), kind)
        else:
            settled.append(span)
            longest = size
    return settled


def _order(span: Span) -> tuple[int, int, int]:
    """By place, the longest first, the plainest kind last."""
    return span.start, -span.stop, KINDS.index(span.kind)
