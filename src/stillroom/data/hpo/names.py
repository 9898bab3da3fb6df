"""Readable names: diseases without capitals and abbreviations, branches without ``Abnormality of the``."""

from __future__ import annotations

import re
from functools import lru_cache

from stillroom.data.text import squeeze

_ROMAN_OR_LETTER = re.compile(r"[IVX]+|[A-Z]")
_TOKEN = re.compile(r"[A-Z0-9]+")
_LONGEST_ACRONYM = 6
_BRANCH_PREFIX = re.compile(r"^abnormal(ity of)?( the)? | abnormality$")


@lru_cache(2**16)
def disease_name(name: str) -> str:
    """Clean a disease name: no trailing abbreviation, no shouting, a space after each comma.

    >>> disease_name("DEAFNESS, Y-LINKED 2; DFNY2")
    'Deafness, Y-linked 2'
    >>> disease_name("COG8-CDG")
    'COG8-CDG'
    """
    plain = squeeze(re.sub(r",(?=[a-z])", ", ", name.split(";", 1)[0]))
    if not plain.isupper() or _is_acronym(plain):
        return plain
    lowered = _TOKEN.sub(lambda match: match[0] if _keeps_capitals(match[0]) else match[0].lower(), plain)
    return lowered[0].upper() + lowered[1:]


@lru_cache
def branch_name(name: str) -> str:
    """Shorten an organ-system branch.

    >>> branch_name("Abnormality of the nervous system"), branch_name("Growth abnormality")
    ('nervous system', 'growth')
    """
    return _BRANCH_PREFIX.sub("", name.lower())


def in_sentence(name: str) -> str:
    """Write a term inside a sentence: no capital, unless its first word is an abbreviation.

    >>> in_sentence("Short stature"), in_sentence("EEG abnormality"), in_sentence("T2 hypointense thalamus")
    ('short stature', 'EEG abnormality', 'T2 hypointense thalamus')
    """
    first = name.split(" ", 1)[0]
    return name[0].lower() + name[1:] if first[1:].islower() else name


def _is_acronym(name: str) -> bool:
    return " " not in name and (len(name) <= _LONGEST_ACRONYM or name.endswith("-CDG"))


def _keeps_capitals(token: str) -> bool:
    return bool(_ROMAN_OR_LETTER.fullmatch(token)) or any(mark.isdigit() for mark in token)
