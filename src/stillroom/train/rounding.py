"""Training with weights rounded as they will be, in fewer and fewer bits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from stillroom.train.settings import RoundingStage

BLOCK = 32


def bits_at(stages: Sequence[RoundingStage], step: int, steps: int) -> int | None:
    """Bits of a step, counted from 0; None while nothing is rounded.

    >>> stages = [RoundingStage(since=0.5, bits=8), RoundingStage(since=0.75, bits=4)]
    >>> [bits_at(stages, step, 4) for step in range(4)]
    [None, None, 8, 4]
    """
    begun = [stage.bits for stage in stages if stage.since * steps <= step]
    return begun[-1] if begun else None


@contextmanager
def rounded(network: nn.Module, bits: int | None) -> Iterator[None]:
    """Let the matrices of a network be rounded inside, and give them their values back afterwards.

    Gradients taken inside are those at the rounded weights, and go to the exact ones: the straight-through estimate.

    Source: Bengio et al. 2013 (arXiv:1308.3432); Jacob et al. 2018 (arXiv:1712.05877).
    """
    matrices = [p for p in network.parameters() if p.requires_grad and p.ndim == 2] if bits else []
    exact = [matrix.detach().clone() for matrix in matrices]
    with torch.no_grad():
        for matrix in matrices:
            matrix.copy_(round_blocks(matrix, bits or 0))
    try:
        yield
    finally:
        with torch.no_grad():
            for matrix, value in zip(matrices, exact, strict=True):
                matrix.copy_(value)


def round_blocks(weight: Tensor, bits: int) -> Tensor:
    """Round to the nearest of 2^bits even steps between each block's least and greatest weight.

    Args:
        weight: any shape whose elements make whole blocks of 32 along the last axis; a shorter rest is one block.
        bits: of each weight.

    >>> round_blocks(torch.tensor([[0.0, 0.4, 1.0]]), 1)
    tensor([[0., 0., 1.]])
    """
    width = weight.shape[-1]
    size = BLOCK if width % BLOCK == 0 else width
    blocks = weight.reshape(-1, size)
    low, high = blocks.amin(1, keepdim=True), blocks.amax(1, keepdim=True)
    step = (high - low).clamp(min=torch.finfo(weight.dtype).tiny) / (2**bits - 1)
    nearest: Tensor = ((blocks - low) / step).round() * step + low
    return nearest.reshape(weight.shape)
