"""Changes of a text that keep what it asks: typing errors, abbreviations, letter case; and texts with parts missing.

Each is a pure function of text, share and generator. Numbers, units, negations and short words are never touched by
typing errors, so that a reader could still tell what was meant. A text in which nothing can be changed gives None.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from numpy.random import Generator

from stillroom.data.lexicon import negations, numbers, units
from stillroom.validate.robustness.abbreviations import SHORT_FORMS

Perturb = Callable[[str, float, Generator], str | None]

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_WORD = re.compile(r"[^\W\d_]+")
_LEAST_LETTERS = 4
_SENTENCE = re.compile(r"(?<=[.!?:;])\s+|\n+")
_LONG_FORM = re.compile(
    rf"\b(?:{'|'.join(re.escape(long) for long in sorted(SHORT_FORMS, key=len, reverse=True))})\b",
    re.IGNORECASE,
)


def neighbours() -> Mapping[str, str]:
    """The letters beside each on an English keyboard, in its row and, at a slant, in the rows above and below.

    >>> neighbours()["g"], neighbours()["q"]
    ('fhtybv', 'wa')
    """
    found = {}
    for row, letters in enumerate(_ROWS):
        for at, letter in enumerate(letters):
            beside = [letters[near] for near in (at - 1, at + 1) if 0 <= near < len(letters)]
            above = _ROWS[row - 1][at : at + 2] if row > 0 else ""
            below = _ROWS[row + 1][max(at - 1, 0) : at + 1] if row + 1 < len(_ROWS) else ""
            found[letter] = "".join(beside) + above + below[::-1]
    return found


_NEIGHBOURS = neighbours()


def typos(text: str, share: float, random: Generator) -> str | None:
    """Hit one wrong neighbouring key in a share of the longer words, at least one; never the first letter."""
    guarded = [span for find in (numbers, units, negations) for span in find(text)]
    words = [
        match.span()
        for match in _WORD.finditer(text)
        if len(match[0]) >= _LEAST_LETTERS
        and not any(start < match.end() and match.start() < stop for start, stop in guarded)
        and any(letter.lower() in _NEIGHBOURS for letter in match[0][1:])
    ]
    letters = list(text)
    for at in _chosen(len(words), share, random):
        start, stop = words[at]
        places = [place for place in range(start + 1, stop) if text[place].lower() in _NEIGHBOURS]
        place = int(random.choice(places))
        key = str(random.choice(list(_NEIGHBOURS[text[place].lower()])))
        letters[place] = key.upper() if text[place].isupper() else key
    return "".join(letters) if words else None


def abbreviations(text: str, share: float, random: Generator) -> str | None:
    """Write every term short that clinicians write short; the share does not matter."""
    shortened = _LONG_FORM.sub(lambda match: SHORT_FORMS[match[0].lower()], text)
    return None if shortened == text else shortened


def case(text: str, share: float, random: Generator) -> str | None:
    """Write everything in capitals, as some records do; units keep their letters."""
    kept = dict(units(text))
    parts, at = [], 0
    for start, stop in sorted(kept.items()):
        parts += [text[at:start].upper(), text[start:stop]]
        at = stop
    capitals = "".join([*parts, text[at:].upper()])
    return None if capitals == text else capitals


def missing(text: str, share: float, random: Generator) -> str | None:
    """Leave a sentence out, any but the last, which asks; of a single sentence, a share of its longer words."""
    sentences = [part for part in _SENTENCE.split(text.strip()) if part]
    if len(sentences) > 1:
        gone = int(random.integers(len(sentences) - 1))
        return " ".join(part for at, part in enumerate(sentences) if at != gone)
    words = [match.span() for match in _WORD.finditer(text) if len(match[0]) >= _LEAST_LETTERS]
    if len(words) < 2:
        return None
    for start, stop in sorted((words[at] for at in _chosen(len(words), share, random)), reverse=True):
        text = text[:start] + text[stop:]
    return re.sub(r" {2,}", " ", text).strip()


def _chosen(words: int, share: float, random: Generator) -> list[int]:
    count = min(words, max(1, round(share * words)))
    return sorted(random.permutation(words)[:count].tolist())
