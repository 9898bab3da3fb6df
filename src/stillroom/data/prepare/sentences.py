"""Sentences of clinical prose."""

from __future__ import annotations

import re

_END = re.compile(r"""(?P<stop>[.!?])["')\]]*+\s++(?=["'(\[]*+[A-Z0-9])|\n\s*+""")
_LAST_WORD = re.compile(r"[\w.]+$")
_LOOKED_BACK = 24
_TITLES = "dr mr mrs ms prof st sr jr capt lt sgt rev hon"
_SHORT_FORMS = "vs fig figs no nos approx ca cf e.g i.e al pt pts hx dx tx rx sec vol dept est resp incl"
_BEFORE_LETTERS = "vitamin hepatitis influenza group grade type class stage factor protein plan part"
_LETTERED = frozenset(_BEFORE_LETTERS.split())
_NO_END = frozenset(f"{_TITLES} {_SHORT_FORMS}".split())


def sentences(text: str) -> list[str]:
    """Cut a text behind its sentences and lines; the pieces joined are the text.

    A full stop ends a sentence before a capital letter or a digit, except behind titles and short forms (``Dr.``,
    ``vs.``, ``e.g.``), behind an initial (``J. Smith``, but not ``Vitamin C. Then``) and behind the number of an item.
    Decimals and ``5 mg. daily`` hold no end.

    >>> sentences("Seen by Dr. J. Lee. Took 2.5 mg. daily. Better.")
    ['Seen by Dr. J. Lee. ', 'Took 2.5 mg. daily. ', 'Better.']
    """
    pieces, start = [], 0
    for end in _END.finditer(text):
        if end["stop"] != "." or not _is_short_form(text, start, end.start()):
            pieces.append(text[start : end.end()])
            start = end.end()
    return [*pieces, text[start:]] if start < len(text) else pieces


def _is_short_form(text: str, start: int, stop: int) -> bool:
    """Whether the full stop at ``stop`` belongs to the word before it."""
    behind = text[max(start, stop - _LOOKED_BACK) : stop]
    found = _LAST_WORD.search(behind)
    if found is None:
        return False
    word, before = found[0], behind[: found.start()].rstrip()
    if word.isdigit():
        return not before and len(word) <= 2
    if len(word) == 1 and word.isupper():
        return not before or before.split()[-1].lower() not in _LETTERED
    return word.lower() in _NO_END
