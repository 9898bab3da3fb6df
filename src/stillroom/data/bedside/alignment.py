"""Which pieces of a tokenizer make up each word: how tokenizers that cut differently speak of the same words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Span = tuple[int, int]
"""First character, and the one after the last."""


def pieces_of_words(words: Sequence[Span], pieces: Sequence[Span]) -> NDArray[np.int64]:
    """Find the pieces that share a character with each word.

    Two tokenizers need not cut at the same places, nor at the ends of words: a piece that reaches over several words
    belongs to each of them. Pieces without a character, such as ``[CLS]``, belong to none.

    Args:
        words: where each word lies in the text, in order.
        pieces: where each piece lies, in order.

    Returns:
        Number of the first piece and of the one after the last, shape ``(words, 2)``; equal where a word has no piece.

    >>> pieces_of_words([(0, 4), (5, 9)], [(0, 0), (0, 2), (2, 4), (5, 9), (0, 0)]).tolist()
    [[1, 3], [3, 4]]
    """
    numbers = np.array([at for at, (start, end) in enumerate(pieces) if start < end], dtype=np.int64)
    starts, ends = (np.array([pieces[at][side] for at in numbers], dtype=np.int64) for side in (0, 1))
    spans = np.zeros((len(words), 2), dtype=np.int64)
    for row, (start, end) in enumerate(words):
        first = int(np.searchsorted(ends, start, side="right"))
        past = int(np.searchsorted(starts, end, side="left"))
        if first < past:
            spans[row] = numbers[first], numbers[past - 1] + 1
    return spans
