"""Specialties by the words that speak for them."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

GENERAL = "general"
_LEAST_HITS, _LEAST_LEAD = 2, 1.2


def by_rules(texts: pa.Array) -> NDArray[np.object_]:
    """The specialty that most words of a text speak for, ``general`` where fewer than two do or another is as near.

    Words that speak for one specialty alone count twice.

    >>> by_rules(pa.array(["The heart failed after a myocardial infarction.", "It rained."])).tolist()
    ['cardiology', 'general']
    """
    names = [name for name, _, _ in _patterns()]
    hits = np.stack([_hits(texts, plain) + _hits(texts, strong) for _, plain, strong in _patterns()], axis=1)
    order = np.argsort(-hits, axis=1, kind="stable")
    best = np.take_along_axis(hits, order[:, :1], 1)[:, 0]
    second = np.take_along_axis(hits, order[:, 1:2], 1)[:, 0]
    sure = (best >= _LEAST_HITS) & (best >= _LEAST_LEAD * second)
    chosen = np.array(names, object)[order[:, 0]]
    return np.where(sure, chosen, GENERAL)


def _hits(texts: pa.Array, pattern: str) -> NDArray[np.int64]:
    return np.asarray(pc.count_substring_regex(texts, pattern), np.int64)


@cache
def _patterns() -> tuple[tuple[str, str, str], ...]:
    """Name, all words, and the words that count once more."""
    lines = files(__package__).joinpath("specialties.txt").read_text(encoding="utf-8").splitlines()
    made = []
    for line in lines:
        if line and not line.startswith("#"):
            name, _, words = line.partition(": ")
            strong = words.partition("|")[2]
            made.append((name, _pattern(words.replace("|", " ")), _pattern(strong)))
    return tuple(made)


def _pattern(words: str) -> str:
    stems = "|".join(re.escape(word).replace("\\~", r"\b ?").replace("~", r"\b ?") for word in words.split())
    return rf"(?i)\b(?:{stems})"
