"""How far the exported student strays from the network it was written from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from stillroom.types import ExportError

Logits = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Parity:
    """Agreement of two runtimes on the same rows.

    Attributes:
        top1_agreement: share of response positions where both rank the same token first.
        kl: mean KL(reference‖runtime) over response positions, in nats.
        max_abs_difference: greatest difference of any logit.
        positions: number of response positions.
    """

    top1_agreement: float
    kl: float
    max_abs_difference: float
    positions: int


def parity(reference: Iterable[Logits], runtime: Iterable[Logits]) -> Parity:
    r"""Compare logits row by row, in float64.

    .. math:: \mathrm{KL}(p\|q) = \sum_v p_v (\log p_v - \log q_v), \quad p, q = \mathrm{softmax}(z)

    Only one row of each side is held at a time. Generated strings are no measure of parity: one near-tie
    changes the rest of the text.

    Args:
        reference: logits of the network in float32, one array ``(response, vocab)`` per row.
        runtime: logits of the exported student for the same rows, in the same order.

    Raises:
        ExportError: there are no positions, or the two sides differ in rows or shapes.

    >>> logits = np.log(np.array([[0.5, 0.5], [0.9, 0.1]], dtype=np.float32))
    >>> found = parity([logits], [logits[:, ::-1]])
    >>> found.top1_agreement, round(found.kl, 3), found.positions
    (0.5, 0.879, 2)
    """
    agree, divergence, greatest, positions = 0, 0.0, 0.0, 0
    for ours, theirs in _pairs(reference, runtime):
        agree += int((ours.argmax(axis=-1) == theirs.argmax(axis=-1)).sum())
        divergence += float(kl_divergence(ours, theirs).sum())
        greatest = max(greatest, float(np.abs(ours - theirs).max()))
        positions += len(ours)
    if not positions:
        raise ExportError("no response positions", "at least one", "give rows with a response")
    return Parity(agree / positions, divergence / positions, greatest, positions)


def _pairs(reference: Iterable[Logits], runtime: Iterable[Logits]) -> Iterator[tuple[Logits, Logits]]:
    for ours, theirs in zip_longest(reference, runtime):
        shapes = [None if side is None else side.shape for side in (ours, theirs)]
        if shapes[0] != shapes[1]:
            raise ExportError(
                f"logits of shape {shapes[0]} and {shapes[1]}",
                "equal shapes",
                "compare runtimes on the same rows",
            )
        yield ours, theirs


def kl_divergence(reference: Logits, runtime: Logits) -> NDArray[np.float64]:
    """KL(softmax(reference)‖softmax(runtime)) of each position, in nats, shape ``(response,)``, at least 0."""
    ours, theirs = _log_softmax(reference), _log_softmax(runtime)
    divergence = (np.exp(ours) * (ours - theirs)).sum(axis=-1)
    return np.asarray(np.maximum(divergence, 0.0))


def _log_softmax(logits: Logits) -> NDArray[np.float64]:
    shifted = logits.astype(np.float64) - logits.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))
