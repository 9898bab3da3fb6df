"""How fast the exported student reads and writes, at batch 1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Protocol


class Decoder(Protocol):
    """A causal language model that writes one token at a time."""

    def prefill(self, prompt: Sequence[int]) -> int:
        """Read a prompt from an empty state and return the likeliest next token."""

    def decode(self, token: int) -> int:
        """Read one more token and return the likeliest next one."""


@dataclass(frozen=True, slots=True)
class Speed:
    """Timings of one model in one runtime, one entry for each repeat.

    Attributes:
        prefill_ms: time to read the prompt and choose the first token, in milliseconds.
        prefill_tokens: length of that prompt.
        decode_tokens_per_second: greedy tokens per second after the first.
        decode_tokens: how many tokens that rate was taken over.
    """

    prefill_ms: tuple[float, ...]
    prefill_tokens: int
    decode_tokens_per_second: tuple[float, ...]
    decode_tokens: int


def measure_speed(
    decoder: Decoder, prompt: Sequence[int], *, decode_tokens: int = 64, repeats: int = 5
) -> Speed:
    """Time reading and writing, after one repeat that is not counted.

    The end of a turn does not stop the writing, so that every model writes the same number of tokens.

    Args:
        decoder: the model.
        prompt: token ids; its length is part of the result.
        decode_tokens: tokens to write after the first.
        repeats: how often both are timed.
    """
    _once(decoder, prompt, decode_tokens)
    times = [_once(decoder, prompt, decode_tokens) for _ in range(repeats)]
    return Speed(
        prefill_ms=tuple(1000 * prefill for prefill, _ in times),
        prefill_tokens=len(prompt),
        decode_tokens_per_second=tuple(decode_tokens / decode for _, decode in times),
        decode_tokens=decode_tokens,
    )


def _once(decoder: Decoder, prompt: Sequence[int], decode_tokens: int) -> tuple[float, float]:
    """Seconds to read the prompt, and seconds to write the tokens."""
    start = perf_counter()
    token = decoder.prefill(prompt)
    read = perf_counter()
    for _ in range(decode_tokens):
        token = decoder.decode(token)
    return read - start, perf_counter() - read
