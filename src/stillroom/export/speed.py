"""How fast a model reads and writes: alone, and several answers at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from time import perf_counter
from typing import Protocol


class Decoder(Protocol):
    """A causal language model that writes one token at a time."""

    def prefill(self, prompt: Sequence[int]) -> int:
        """Read a prompt from an empty state and return the likeliest next token."""

    def decode(self, token: int) -> int:
        """Read one more token and return the likeliest next one."""


class BatchDecoder(Protocol):
    """Writes several answers at once, to prompts of equal length."""

    def prefill_many(self, prompts: Sequence[Sequence[int]]) -> list[int]:
        """Read prompts from an empty state and return the likeliest next token of each."""

    def decode_many(self, tokens: Sequence[int]) -> list[int]:
        """Read one more token of each and return the likeliest next ones."""


@dataclass(frozen=True, slots=True)
class Speed:
    """Timings of one model in one runtime, one entry for each repeat.

    Attributes:
        prefill_ms: time to read the prompt and choose the first token, in milliseconds.
        prefill_tokens: length of that prompt.
        decode_tokens_per_second: greedy tokens per second after the first.
        decode_tokens: how many tokens that rate was taken over.
        token_ms: time of every token written after the first, of all repeats.
    """

    prefill_ms: tuple[float, ...]
    prefill_tokens: int
    decode_tokens_per_second: tuple[float, ...]
    decode_tokens: int
    token_ms: tuple[float, ...] = ()


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
        prefill_ms=tuple(1000 * read for read, _ in times),
        prefill_tokens=len(prompt),
        decode_tokens_per_second=tuple(decode_tokens / sum(written) for _, written in times),
        decode_tokens=decode_tokens,
        token_ms=tuple(1000 * token for _, written in times for token in written),
    )


def measure_throughput(
    decoder: BatchDecoder, prompt: Sequence[int], *, batch: int, decode_tokens: int, repeats: int = 3
) -> tuple[float, ...]:
    """Answer a batch of prompts from beginning to end, and count tokens written a second, reading included.

    Args:
        decoder: the model.
        prompt: token ids; each answer of the batch is to this prompt.
        batch: answers at once.
        decode_tokens: tokens to write for each.
        repeats: how often it is timed, after one that is not.

    Returns:
        Tokens a second of each repeat: batch · tokens / time.
    """
    prompts = [list(prompt)] * batch
    seconds = []
    for _ in range(repeats + 1):
        start = perf_counter()
        tokens = decoder.prefill_many(prompts)
        for _ in range(decode_tokens - 1):
            tokens = decoder.decode_many(tokens)
        seconds.append(perf_counter() - start)
    return tuple(batch * decode_tokens / time for time in seconds[1:])


def _once(decoder: Decoder, prompt: Sequence[int], decode_tokens: int) -> tuple[float, list[float]]:
    """Seconds to read the prompt, and seconds to write each token."""
    start = perf_counter()
    token = decoder.prefill(prompt)
    times = [perf_counter()]
    for _ in range(decode_tokens):
        token = decoder.decode(token)
        times.append(perf_counter())
    return times[0] - start, [after - before for before, after in pairwise(times)]
