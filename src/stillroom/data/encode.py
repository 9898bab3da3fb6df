"""From examples to token ids, with one chat template a tokenizer for training, evaluation and the bundle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillroom.data.turns import CHAT_ML, Turns
from stillroom.types import DataError, Encoded, Example

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

END_OF_TURN = "<|im_end|>"
CHAT_TEMPLATE = CHAT_ML


@dataclass(frozen=True)
class EncodedExamples:
    """Examples that fit, their rows in the same order, and the identifiers of those that do not fit."""

    examples: tuple[Example, ...]
    rows: tuple[Encoded, ...]
    dropped: tuple[str, ...]


def prompt_text(prompt: str, tokenizer: PreTrainedTokenizerFast) -> str:
    """Render a prompt as a user's turn, followed by the start of the answer."""
    return Turns.of(tokenizer).render([prompt], tokenizer)[0]


def encode(example: Example, tokenizer: PreTrainedTokenizerFast, max_tokens: int) -> Encoded:
    """Encode one example: prompt, response, end of turn.

    Prompt and response are tokenised apart, so the prompt's ids are the same for every response; what belongs
    to the response is known by position, never by id.

    Raises:
        DataError: the example needs more than ``max_tokens`` tokens.
    """
    encoded = encode_all([example], tokenizer, max_tokens)
    if encoded.dropped:
        raise DataError(
            f"example {example.id!r} does not fit",
            f"at most {max_tokens} tokens",
            "raise max_tokens or drop it",
        )
    return encoded.rows[0]


def encode_all(
    examples: Sequence[Example], tokenizer: PreTrainedTokenizerFast, max_tokens: int
) -> EncodedExamples:
    """Encode many examples at once; those longer than ``max_tokens`` are dropped, never cut.

    A cut response would teach the student to stop in the middle.
    """
    pairs = [(example.prompt, example.response) for example in examples]
    rows = _encode_pairs(pairs, tokenizer)
    fits = [len(row.ids) <= max_tokens for row in rows]
    return EncodedExamples(
        examples=tuple(example for example, fit in zip(examples, fits, strict=True) if fit),
        rows=tuple(row for row, fit in zip(rows, fits, strict=True) if fit),
        dropped=tuple(example.id for example, fit in zip(examples, fits, strict=True) if not fit),
    )


def encode_options(example: Example, tokenizer: PreTrainedTokenizerFast) -> list[Encoded]:
    """Encode a multiple-choice example once per option, in the options' order."""
    return _encode_pairs([(example.prompt, option) for option in example.options], tokenizer)


def _encode_pairs(pairs: Sequence[tuple[str, str]], tokenizer: PreTrainedTokenizerFast) -> list[Encoded]:
    if not pairs:
        return []
    turns = Turns.of(tokenizer)
    prompts = _tokenize(turns.render([prompt for prompt, _ in pairs], tokenizer), tokenizer)
    responses = _tokenize([response for _, response in pairs], tokenizer)
    return [
        Encoded(np.array([*prompt, *response, turns.end], dtype=np.int64), len(prompt))
        for prompt, response in zip(prompts, responses, strict=True)
    ]


def _tokenize(texts: list[str], tokenizer: PreTrainedTokenizerFast) -> list[list[int]]:
    ids: list[list[int]] = tokenizer(texts, add_special_tokens=False, return_attention_mask=False)[
        "input_ids"
    ]
    return ids
