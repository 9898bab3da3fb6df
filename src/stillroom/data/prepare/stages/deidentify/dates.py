"""Dates in the forms that notes have: whatever is finer than a year."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stillroom.data.prepare.stages.deidentify.spans import Span

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
ORDINALS = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
    "twenty-first",
    "twenty-second",
    "twenty-third",
    "twenty-fourth",
    "twenty-fifth",
    "twenty-sixth",
    "twenty-seventh",
    "twenty-eighth",
    "twenty-ninth",
    "thirtieth",
    "thirty-first",
]
_MONTH = (
    rf"(?:{'|'.join(name[:3] + (f'(?:{name[3:]})?' if name[3:] else '') for name in MONTHS)}"
    rf"|Sept)\b(?:\.(?=,|\s?['’\d]))?"
)
_SAID = "|".join(sorted((word.replace("-", "[- ]") for word in ORDINALS), key=len, reverse=True))
_DAY = rf"(?:(?:0?[1-9]|[12]\d|3[01])(?!\d|\.\d)(?:\s?(?:st|nd|rd|th)\b)?|(?:{_SAID})\b)"
_YEAR = r"(?:(?:1[89]|20)\d\d\b|['’]\d\d\b)"
_D, _M, _Y = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:1[89]|20)\d\d"
_TIME = r"(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"

_NUMERIC = re.compile(
    rf"(?<![\w.,/-])(?:{_Y}([-/.]){_M}\1{_D}{_TIME}"
    rf"|(?:{_M}([-/.]){_D}\2|{_D}([-/.]){_M}\3)(?:{_Y}|\d\d)"
    rf"|{_Y}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    rf"|{_M}/{_Y}|(?:19|20)\d\d/(?:0[1-9]|1[0-2]))(?![\w/]|[.,-]\d|\s?(?:mg|ml|mcg|units?)\b)"
)
_SHORT = re.compile(rf"(?<![\w.,/-]){_M}/{_D}(?P<until>\s?[-–]\s?{_M}/{_D})?(?![\w/%]|[.,]\d)")
_BEFORE_SHORT = re.compile(
    r"\b(?:on|since|until|till|by|from|dated?|of|through|thru|to|between|before|after|for|and|as\sof|seen|admit(?:ted)?"
    r"|discharged?|d/c|dob|born|visit|return(?:ed|s)?|scheduled|last|due|appt|appointment|lmp|labs?|next"
    r"|week|mon|tue|wed"
    r"|thu|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday|around|circa|surgery|started|began"
    r"|onset|performed|done|drawn|taken|repeat|ct|mri|cxr|echo|ekg|ultrasound|procedure|signed)\.?[:,]?\s{0,2}\(?$",
    re.I,
)
_GRADES = re.compile(
    r"\s?(?:strength|systolic|diastolic|murmur|sem\b|motor|power|pulses?|positive|points?|pain|of\sthe|bilat)",
    re.I,
)
_STEMS = "|".join(name[:3] for name in MONTHS)
_NAMED = re.compile(rf"(?<![A-Za-z]){_MONTH}", re.I)
_DAY_BEFORE = re.compile(
    rf"(?<![\w/.-])(?P<day>{_DAY})(?:[\s-]{{1,2}}|\s?)(?:day\s)?(?:of\s)?(?:the\s)?$", re.I
)
_BEHIND = re.compile(
    rf"(?:[\s,-]\s?(?:the\s)?(?P<day>{_DAY})(?:\s?(?:-|–|to|and|through|&)\s?{_DAY}(?!\s?(?:{_STEMS})))?)?"
    rf"(?P<year>(?:,|-|\s|\sof|,\sof|/)?\s?{_YEAR}|-\d\d\b)?",
    re.I,
)
_JOINED = re.compile(rf"(?<![\w/-])(?:0?[1-9]|[12]\d|3[01])(?:{_STEMS})(?:{_Y}|\d\d)\b", re.I)
_ALONE = re.compile(
    r"\b(?:in|since|until|till|by|during|early|late|mid|last|this|next|of|from|through|every|before|after"
    r"|around|to|and)"
    r"[\s-]{1,2}(?:the\s(?:end|middle|beginning|start)\sof\s)?$",
    re.I,
)
_ALSO_WORDS = frozenset({"may", "march", "mar", "dec", "sep", "jan"})


def dates(text: str) -> Iterator[Span]:
    """Find dates: numeric in either order, in words, without a year, months named alone behind *in* or *since*.

    Years alone stay: they may be kept. A numeric date without a year must follow a word that dates something, so that
    ``5/5 strength`` and ``2/6 murmur`` stay too.

    >>> texts = "Seen 3/14/2021, again on 4/2; strength 5/5. Since May 2019 and the 3rd of June."
    >>> [texts[s.start : s.stop] for s in sorted(dates(texts))]
    ['3/14/2021', '4/2', 'May 2019', '3rd of June']
    """
    for pattern in (_NUMERIC, _JOINED):
        for found in pattern.finditer(text):
            yield Span(found.start(), found.end(), "date")
    for found in _SHORT.finditer(text):
        dated = found["until"] or _BEFORE_SHORT.search(text, max(0, found.start() - 20), found.start())
        if dated and not _GRADES.match(text, found.end()):
            yield Span(found.start(), found.end(), "date")
    for found in _NAMED.finditer(text):
        span = _worded(text, found)
        if span is not None:
            yield span


def _worded(text: str, month: re.Match[str]) -> Span | None:
    """The date around a month's name: with a day or a year, or alone where a time is told."""
    name = month[0].rstrip(".")
    behind = _BEHIND.match(text, month.end())
    before = _DAY_BEFORE.search(text, max(0, month.start() - 24), month.start())
    if behind is None:
        return None
    start = before.start() if before else month.start()
    if not behind["year"]:
        if name in _ALSO_WORDS and (before is None or before["day"].isdigit()):
            return None
        if before is None and not behind["day"] and not _is_told(text, month.start(), name):
            return None
    return Span(start, behind.end(), "date")


def _is_told(text: str, start: int, name: str) -> bool:
    shouted = name.isupper() and len(name) <= 4
    return name[0].isupper() and not shouted and bool(_ALONE.search(text, max(0, start - 28), start))
