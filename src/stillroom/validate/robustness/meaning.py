"""Changes that turn a question into another: a denied finding, another number. A model that does not notice is deaf."""

from __future__ import annotations

import re

from numpy.random import Generator

from stillroom.data.lexicon import numbers

_DENIED = re.compile(
    r"\b(?:(?:is|are|was|were|has|have|does|do|did|can|could|will|would|should) (?P<not>not )"
    r"|(?P<no>no evidence of |no signs of |no history of |no |denies |never |absence of )"
    r"|(?P<without>without ))",
    re.IGNORECASE,
)
_STATED = re.compile(
    r"\b(?:is|are|was|were|has been|have been|can|could|will|would|should)\b(?! not\b)", re.IGNORECASE
)
_WITH = re.compile(r"\bwith\b", re.IGNORECASE)


def negation(text: str, share: float, random: Generator) -> str | None:
    """Deny what is stated, or state what is denied, in one place; None where neither is found.

    >>> import numpy as np
    >>> negation("A man without fever.", 1.0, np.random.default_rng(0))
    'A man with fever.'
    >>> negation("The pupil is dilated.", 1.0, np.random.default_rng(0))
    'The pupil is not dilated.'
    """
    denied = _DENIED.search(text)
    if denied:
        kind = denied.lastgroup or ""
        return text[: denied.start(kind)] + {"without": "with "}.get(kind, "") + text[denied.end(kind) :]
    stated = _STATED.search(text)
    if stated:
        return f"{text[: stated.end()]} not{text[stated.end() :]}"
    having = _WITH.search(text)
    return f"{text[: having.start()]}without{text[having.end() :]}" if having else None


def other_number(text: str, share: float, random: Generator) -> str | None:
    """Make one number ten times as large, or a tenth: the error of a misplaced decimal point. None without a number.

    >>> import numpy as np
    >>> other_number("give 2.5 mg", 1.0, np.random.default_rng(0)) in ("give 25 mg", "give 0.25 mg")
    True
    """
    spans = numbers(text)
    if not spans:
        return None
    start, stop = spans[int(random.integers(len(spans)))]
    factor = float(random.choice([10.0, 0.1]))
    value = (
        float(text[start:stop].replace(",", ""))
        if _is_plain(text[start:stop])
        else float(text[start:stop][0])
    )
    return f"{text[:start]}{value * factor:.10g}{text[stop:]}"


def _is_plain(numeral: str) -> bool:
    return re.fullmatch(r"\d+(?:\.\d+)?|\d{1,3}(?:,\d{3})+(?:\.\d+)?", numeral) is not None
