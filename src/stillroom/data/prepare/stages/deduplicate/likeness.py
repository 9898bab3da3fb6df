"""Whether one row is a near copy of another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stillroom.data.prepare.likeness.jaccard import jaccard
from stillroom.data.prepare.likeness.texts import short_below
from stillroom.data.prepare.stages.deduplicate.gathered import Gathered

SAME_PART = 0.7
"""Jaccard similarity, over runs of five letters, of two wordings of the same question or answer. A slip of the pen in
33 letters, which are m = 29 runs, leaves (29 − 5)/(29 + 5)."""


def near(
    known: Gathered, ones: NDArray[np.int64], others: NDArray[np.int64], threshold: float
) -> NDArray[np.bool_]:
    """Judge pairs of texts.

    A row is a near copy of another where

    - the shingles of the whole are as alike as ``threshold``; by letters only where the shorter text is short;
    - what is asked, and what is answered, is alike by itself: a long context in common makes no copy;
    - a short question or answer has the same numbers, signs, negations, sides and directions.
    """
    found = _decided_by_the_shorter(known, ones, others, threshold)
    for part in ("question", "answer"):
        pairs = known.text_rows[ones[found]], known.text_rows[others[found]]
        found[found] = _same_turns(known.facts, part, *pairs, threshold)
    for sets in (known.questions, known.answers):
        one, other = known.text_rows[ones[found]], known.text_rows[others[found]]
        found[found] = jaccard(sets, one, sets, other) >= SAME_PART
    found[found] = jaccard(known.texts, ones[found], known.texts, others[found]) >= threshold
    return found


def _decided_by_the_shorter(
    known: Gathered, ones: NDArray[np.int64], others: NDArray[np.int64], threshold: float
) -> NDArray[np.bool_]:
    words = known.facts["words"]
    shorter = np.minimum(words[known.text_rows[ones]], words[known.text_rows[others]])
    return np.asarray(known.text_by_letters[ones] == (shorter < short_below(threshold)))


def _same_turns(
    facts: NDArray[np.void], part: str, ones: NDArray[np.int64], others: NDArray[np.int64], threshold: float
) -> NDArray[np.bool_]:
    words, turns = facts[f"{part}_words"], facts[f"{part}_turns"]
    long = np.minimum(words[ones], words[others]) >= short_below(threshold)
    return np.asarray(long | (turns[ones] == turns[others]))
