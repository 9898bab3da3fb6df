"""Ages over 89."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stillroom.data.prepare.stages.deidentify.spans import Span

OLDEST = "90+"
_UNITS = "one|two|three|four|five|six|seven|eight|nine"
_AGE = (
    rf"(?P<age>9\d|1[0-2]\d|ninety(?:[- ](?:{_UNITS}))?|(?:a|one)\s?hundred(?:\s(?:and\s)?(?:{_UNITS}|ten))?)"
)
_MAY_BE = re.compile(r"\b(?:9\d|1[0-2]\d)|ninety|hundred", re.I)
_OLD = r"(?:(?:year|yr|y)s?\.?[- /]{0,2}(?:old|olds|o|of\sage)\b|y\.?\s?o\b)"
_NO_AMOUNT = (
    r"(?![\w%/+]|[.,:]\d|-\w|\s?(?:mg|mcg|kg|lbs?|pounds?|cm|mm|percent|%|beats|bpm|degrees|minutes|hours|days|weeks"
    r"|months|feet|inch|patients|cases)\b)"
)
_END = r"(?=\s?(?:[.,;!?]|$|years?\b(?!\s(?:ago|of\sexp))|(?:now|today|this|next|later|soon|and|when|in)\b))"
_PATTERNS = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"\b{_AGE}[- ]{{0,2}}{_OLD}",
        rf"\b(?:aged?|ages|turn(?:s|ed|ing)?)(?:\s(?:of|is|was|about|at))?\s?[:=]?\s{{0,2}}{_AGE}{_NO_AMOUNT}",
        rf"\b(?:I\sam|I'm|s?he\sis|s?he's|(?:wi|')ll\sbe|s?he\swas|you're|you\sare)\s(?:now\s|about\s"
        rf"|almost\s)?{_AGE}{_END}",
        rf"\b(?:patient|pt|resident|mother|father|grand\w+|husband|wife|who|now|is|was|already|nearly"
        rf"|almost)\s{_AGE}(?=,\s[a-z]|\sand\s|\.(?:\s|$))",
        rf"\b(?:lived\sto(?:\sbe)?|reached|made\sit\sto|died\s(?:at|aged))\s{_AGE}{_NO_AMOUNT}",
        rf"\bat\s{_AGE},?\s(?:s?he|they|the\spatient|years)\b",
        rf"(?<![\w./:-]){_AGE}(?:\s?-?(?:[MF]\b|[MF]\s)|\s?(?:man|woman|male|female|gentleman|lady)\b)",
    )
)


def ages(text: str) -> Iterator[Span]:
    """Find ages over 89, in digits or words; the place is the number alone.

    >>> [(s.start, s.stop) for s in ages("A 93-year-old, pulse 94, her son is 89 years old.")]
    [(2, 4)]
    """
    if not _MAY_BE.search(text):
        return
    for pattern in _PATTERNS:
        for found in pattern.finditer(text):
            yield Span(found.start("age"), found.end("age"), "age")
