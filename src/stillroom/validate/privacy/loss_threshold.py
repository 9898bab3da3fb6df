"""The baseline attack on membership: who is learned from has a small loss."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stillroom.types import Subject
from stillroom.types.cases import UNKNOWN, Head
from stillroom.validate.privacy.attack import Attack
from stillroom.validate.statistics.level import Array

NAME = "loss_threshold"

CLAIMS = "how well training items are told from test items by someone who sees an item's loss"
LIMITS = (
    "a stronger attack may find more, so that a low figure is no guarantee; where the split is not by chance, a "
    "difference between the two sets counts as memory too"
)


def loss_threshold(
    subject: Subject, learned: Array, unseen: Array, groups: tuple[Sequence[str], Sequence[str]]
) -> Attack:
    """Call the items of small loss members.

    Args:
        subject: the model.
        learned: losses of training items, ``(items,)``.
        unseen: losses of test items.
        groups: patients of the training items, and of the test items.

    Source: Yeom et al. 2018, arXiv:1709.01604.
    """
    scores = -np.concatenate([learned, unseen])
    positive = np.arange(len(scores)) < len(learned)
    return Attack("membership", NAME, subject, scores, positive, (*groups[0], *groups[1]), CLAIMS, LIMITS)


def case_losses(said: NDArray[Any], truth: NDArray[Any], head: Head) -> Array:
    """Mean loss of each case over its known positions: nats, or the squared error of values.

    Args:
        said: probabilities, or values, ``(cases, *positions, outputs)``.
        truth: as the cases' targets.
        head: what is asked.

    Returns:
        Shape ``(cases,)``; not a number where nothing is known of a case.
    """
    wide = np.asarray(said, dtype=np.float64)
    if head.kind == "classes":
        right = np.take_along_axis(wide, np.maximum(truth, 0)[..., None], -1)[..., 0]
        return _mean(-np.log(np.maximum(right, np.finfo(np.float32).tiny)), truth != UNKNOWN)
    known = np.isfinite(truth)
    held = np.where(known, truth, 0.0)
    if head.kind == "values":
        return _mean((wide - held) ** 2, known)
    right = np.where(held > 0, wide, 1 - wide)
    return _mean(-np.log(np.maximum(right, np.finfo(np.float32).tiny)), known)


def _mean(losses: Array, known: NDArray[np.bool_]) -> Array:
    rows, there = losses.reshape(len(losses), -1), known.reshape(len(known), -1)
    many = there.sum(axis=1)
    sums = np.where(there, rows, 0.0).sum(axis=1)
    return np.asarray(np.divide(sums, many, out=np.full(len(rows), np.nan), where=many > 0))
