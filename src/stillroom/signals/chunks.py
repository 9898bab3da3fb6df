"""Distributions from hidden states, a few tokens at a time."""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor

from stillroom.losses.fused.sizes import reading_slices


def log_prob_chunks(hidden: Tensor, matrix: Tensor, temperature: float) -> Iterator[Tensor]:
    """Yield tempered log-probabilities in float32, shape ``(some tokens, vocab)``, for all tokens in order.

    Args:
        hidden: last hidden states, shape ``(tokens, width)``.
        matrix: output matrix, shape ``(vocab, width)``.
        temperature: τ > 0.
    """
    for rows in reading_slices(len(hidden), len(matrix)):
        yield (hidden[rows].float() @ matrix.float().T).div_(temperature).log_softmax(-1)
