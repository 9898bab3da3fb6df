"""Rows as texts to be compared: shingles of words, or of letters where the text is short."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stillroom.data.prepare.likeness.bands import Bands
from stillroom.data.prepare.likeness.minhash import band_keys, signatures
from stillroom.data.prepare.likeness.parts import Words, lettered
from stillroom.data.prepare.likeness.ragged import Ragged, concatenated
from stillroom.data.prepare.likeness.shingles import SHINGLE, Sets, sampled

MEMBERS = 1024
"""Shingles of a text that are kept; of a longer text an even sample of about so many."""


def short_below(threshold: float) -> int:
    r"""Number of words below which a text is short: one word in another's place would make it another text.

    A word stands in w shingles. Of m shingles m − w are left and w come new, so the similarity is (m − w)/(m + w),
    which reaches a threshold t from :math:`m = w(1+t)/(1-t)`: 49 words at w = 5 and t = 0.8. A shorter text is compared
    by runs of five letters, of which a slip of the pen changes five.

    >>> short_below(0.8)
    49
    """
    return math.ceil(SHINGLE * (1 + threshold) / (1 - threshold) - 1e-9) + SHINGLE - 1


@dataclass(frozen=True)
class Texts:
    """Texts to be compared. A row whose length is near the border stands among them twice: by words and by letters.

    Attributes:
        rows: row of each text, shape ``(texts,)``.
        by_letters: whether its shingles are of letters.
        sets: its shingles.
        keys: of its bands, shape ``(texts, bands.number)``.
    """

    rows: NDArray[np.int64]
    by_letters: NDArray[np.bool_]
    sets: Sets
    keys: NDArray[np.uint64]


def texts_of(
    whole: Words, numbers: Ragged, wanted: NDArray[np.bool_], threshold: float, bands: Bands
) -> Texts:
    """Make the texts of rows.

    The shorter text of a pair decides by what the pair is compared. A near copy is at least ``threshold`` times as
    long, so a row of words is cut into letters too where a short text could be its copy.

    Args:
        whole: the rows' words.
        numbers: the same, as numbers.
        wanted: rows to be compared; rows without a word never are.
        threshold: similarity of a near copy.
        bands: how signatures are cut.
    """
    lengths, border = numbers.lengths, short_below(threshold)
    by_words = np.flatnonzero(wanted & (lengths >= border))
    by_letters = np.flatnonzero(wanted & (lengths > 0) & (lengths <= border / threshold))
    letters = lettered([whole[row] for row in by_letters.tolist()])
    cuts = [(by_words, numbers.take(by_words), "words"), (by_letters, letters, "letters")]
    sets = [sampled(lists, MEMBERS) for _, lists, _ in cuts]
    keys = [band_keys(signatures(lists, bands.number * bands.rows), bands, salt) for _, lists, salt in cuts]
    return Texts(
        np.concatenate([by_words, by_letters]),
        np.repeat([False, True], [len(by_words), len(by_letters)]),
        Sets(
            concatenated([part.members for part in sets], np.uint32),
            np.concatenate([part.limits for part in sets]),
        ),
        np.concatenate(keys),
    )
