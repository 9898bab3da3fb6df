"""Response tokens that must not be wrong: numbers, units, negations and sides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from stillroom.data.lexicon import negations, numbers, sides, units
from stillroom.types import Encoded, Example

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

MARKED = {
    "number_accuracy": numbers,
    "unit_accuracy": units,
    "negation_accuracy": negations,
    "laterality_accuracy": sides,
}
"""What each metric looks at; a function from a text to character spans."""

LEAST_GROUPS = 10
"""A metric of fewer independent groups that hold such a word is not reported: its interval would mean little."""


def mark_tokens(
    examples: Sequence[Example], rows: Sequence[Encoded], tokenizer: PreTrainedTokenizerFast
) -> Mapping[str, NDArray[np.float64]]:
    """Mark the response tokens that touch a number, a unit, a negation or a side, shape ``(tokens,)`` each, 1 or 0.

    The words are found in the text, so that two tokenizers are measured on the same words; a token counts if it holds
    a letter of one.
    """
    responses = [example.response for example in examples]
    offsets: list[list[tuple[int, int]]] = tokenizer(
        responses, add_special_tokens=False, return_offsets_mapping=True, return_attention_mask=False
    )["offset_mapping"]
    pieces = [
        np.array([*found, *[(0, 0)] * (len(row.targets) - len(found))]).reshape(-1, 2)
        for found, row in zip(offsets, rows, strict=True)
    ]
    return {
        name: np.concatenate([_touch(of, find(text)) for of, text in zip(pieces, responses, strict=True)])
        for name, find in MARKED.items()
    }


def _touch(tokens: NDArray[np.int64], spans: Sequence[tuple[int, int]]) -> NDArray[np.float64]:
    """1 for each token, ``(begin, end)`` in characters, that overlaps a span.

    >>> _touch(np.array([(0, 2), (2, 5), (5, 6)]), [(4, 5)]).tolist()
    [0.0, 1.0, 0.0]
    """
    hits = [(tokens[:, 0] < stop) & (tokens[:, 1] > start) for start, stop in spans]
    return np.any(hits, axis=0).astype(np.float64) if hits else np.zeros(len(tokens))
