"""Whether one row is a near copy of another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stillroom.data.prepare.likeness.jaccard import jaccard
from stillroom.data.prepare.likeness.profiles import Profiles
from stillroom.data.prepare.likeness.texts import short_below

SAME_PART = 0.7
"""Jaccard similarity, over runs of five letters, of two wordings of the same part of a row. A slip of the pen in
33 letters, which are m = 29 runs, leaves (29 − 5)/(29 + 5)."""


_PARTS = ("question", "context", "answer")


def near(
    one: Profiles,
    ones: NDArray[np.int64],
    other: Profiles,
    others: NDArray[np.int64],
    threshold: float,
    *,
    answers: bool = True,
) -> NDArray[np.bool_]:
    """Judge pairs of texts.

    A row is a near copy of another where

    - the shingles of the whole are as alike as ``threshold``; by letters only where the shorter text is short;
    - what is asked, what it is asked about, and what is answered, are alike each by itself: a long text in common, or
      an instruction that all rows have, makes no copy;
    - where such a part is short, it has the same numbers, signs, negations, sides and directions.

    Args:
        one: rows that the first of each pair is taken from.
        ones: its text there, shape ``(pairs,)``.
        other: rows that the second is taken from.
        others: its text there.
        threshold: least Jaccard similarity of the whole.
        answers: whether the answers have to be alike; otherwise two answers to one question make a near copy.
    """
    found = _decided_by_the_shorter(one, ones, other, others, threshold)
    parts = _PARTS if answers else _PARTS[:-1]
    for part in parts:
        first, second = one.facts[one.texts.rows[ones[found]]], other.facts[other.texts.rows[others[found]]]
        found[found] = _same_turns(first, second, part, threshold)
    for part in parts:
        rows = one.texts.rows[ones[found]], other.texts.rows[others[found]]
        mine, theirs = (getattr(profiles, f"{part}s") for profiles in (one, other))
        found[found] = jaccard(mine, rows[0], theirs, rows[1]) >= SAME_PART
    found[found] = jaccard(one.texts.sets, ones[found], other.texts.sets, others[found]) >= threshold
    return found


def _decided_by_the_shorter(
    one: Profiles, ones: NDArray[np.int64], other: Profiles, others: NDArray[np.int64], threshold: float
) -> NDArray[np.bool_]:
    words = one.facts["words"][one.texts.rows[ones]], other.facts["words"][other.texts.rows[others]]
    short = np.minimum(*words) < short_below(threshold)
    return np.asarray((one.texts.by_letters[ones] == short) & (other.texts.by_letters[others] == short))


def _same_turns(
    one: NDArray[np.void], other: NDArray[np.void], part: str, threshold: float
) -> NDArray[np.bool_]:
    long = np.minimum(one[f"{part}_words"], other[f"{part}_words"]) >= short_below(threshold)
    return np.asarray(long | (one[f"{part}_turns"] == other[f"{part}_turns"]))
