"""Runs of capitalised words: what a name looks like."""

from __future__ import annotations

import re
from functools import lru_cache

_UPPER = "A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĖĘĚĞĢĪĮİĶŁĹĽŃŅŇŌŐŒŔŘŚŞŠŤŢŪŮŰŲŹŻŽ"
_LOWER = "a-zß-öø-ÿāăąćčďđēėęěğģīįıķłĺľńņňōőœŕřśşšťţūůűųźżž"
_WORD = rf"(?:[{_UPPER}]['’])?(?:Ma?c|De|Le|La|Van|Fitz)?[{_UPPER}][{_LOWER}]+(?:[-'’](?!s\b)[{_UPPER}]?[{_LOWER}]+)*+"
_CAPITALS = rf"[{_UPPER}]{{2,}}(?:[-'’](?!S\b)[{_UPPER}]{{2,}})*+"
_INITIAL = rf"[{_UPPER}](?:\.|(?![\w'’/.-]))"
_PARTICLE = "(?:(?:van|von|der|den|de|la|del|della|da|di|dos|du|bin|ibn|al|el|ter|y) ){0,2}"
TOKEN = rf"(?:(?:{_WORD}|{_CAPITALS})(?!\w)|{_INITIAL})"
RUN = rf"(?<![\w'’-]){TOKEN}(?:(?:[ ]{{1,2}}{_PARTICLE}|(?<=[A-Z]\.)){TOKEN}){{0,3}}"
"""Up to four capitalised words, words in capitals or initials, with particles between them."""
PIECE = re.compile(rf"{_WORD}|{_CAPITALS}|{_INITIAL}")


@lru_cache(2**16)
def plain(token: str) -> str:
    """A token in lower case, without possessive, full stop and apostrophe.

    >>> plain("O'Brien's"), plain("J.")
    ('obrien', 'j')
    """
    bare = token.lower().rstrip(".")
    return bare.removesuffix("'s").removesuffix("’s").replace("'", "").replace("’", "")
