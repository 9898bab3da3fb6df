"""Carried distributions, cut to their likeliest classes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from stillroom.losses.response.top_k import TopK

LEAST_CARRIED = 0.5
_LEAST_MASS = 1e-13


class Targets(NamedTuple):
    """What a student is taught at its response positions.

    Attributes:
        top_k: likeliest classes, and all other probability together.
        weights: 1 where the teacher speaks, 0 where its likeliest class is the hard label instead, shape ``(rows,)``.
    """

    top_k: TopK
    weights: NDArray[np.float64]


def truncate(
    probs: NDArray[np.float64], labels: NDArray[np.int64], classes: int, temperature: float
) -> Targets:
    """Keep the likeliest classes; the tail takes the rest, what could not be carried included.

    Where less than half could be carried the hard label takes all: its soft term is then the hard one.

    Args:
        probs: carried probabilities, shape ``(rows, vocab)``; a row's sum is at most 1.
        labels: hard labels, shape ``(rows,)``.
        classes: how many are kept, fewer than the vocabulary.
        temperature: τ that the probabilities were taken at.

    >>> found = truncate(np.array([[0.1, 0.6, 0.2], [0.0, 0.1, 0.0]]), np.array([1, 0]), 2, 1.0)
    >>> found.top_k.ids[:, 0], found.top_k.tail.exp(), found.weights
    (tensor([1, 0]), tensor([2.0000e-01, 1.0000e-13]), array([1., 0.]))
    """
    says = probs.sum(1) >= LEAST_CARRIED
    hard = np.zeros_like(probs)
    hard[np.arange(len(labels)), labels] = 1.0
    chosen = torch.from_numpy(np.where(says[:, None], probs, hard))
    kept, ids = chosen.topk(classes)
    tail = (1.0 - kept.sum(-1)).clamp(min=_LEAST_MASS).log()
    return Targets(
        TopK(ids, kept.clamp(min=_LEAST_MASS).log().float(), tail.float(), temperature),
        says.astype(np.float64),
    )
