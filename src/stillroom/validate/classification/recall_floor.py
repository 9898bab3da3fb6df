"""Decisions that leave no class behind: every class keeps a floor of recall."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stillroom.validate.statistics.level import Array

_FEWEST = 5
"""Items of a class that a floor is held for; of fewer, a share means nothing."""

_ROUNDS = 200
_OVER = 1 + 1e-9


def multipliers(probabilities: Array, truth: NDArray[np.bool_], floor: float) -> Array:
    """Choose what probabilities are multiplied by before the largest is called, so that recall has a floor.

    The class that lies deepest below the floor is raised just as far as it must be, again and again. Where no such
    multipliers are found the best are kept: the highest of the lowest recalls, then the most items right.

    Args:
        probabilities: of validation items, ``(items, classes)``.
        truth: one-hot, same shape.
        floor: least share of a class's items that must be called so; classes of fewer than 5 items are not raised.

    Returns:
        Shape ``(classes,)``, the largest 1.

    >>> often_rare = np.array([[0.9, 0.1]] * 15 + [[0.6, 0.4]] * 5)
    >>> truth = np.eye(2, dtype=bool)[[0] * 15 + [1] * 5]
    >>> multipliers(often_rare, truth, floor=0.8).round(3).tolist()
    [0.667, 1.0]
    """
    found = np.ones(probabilities.shape[1])
    held = truth.sum(axis=0) >= _FEWEST
    best, best_score = found, (-1.0, -1.0)
    for _ in range(_ROUNDS):
        decided = (probabilities * found).argmax(axis=1)
        right = truth[np.arange(len(truth)), decided]
        recalls = np.where(held, (truth & right[:, None]).sum(axis=0) / np.maximum(truth.sum(axis=0), 1), 1.0)
        score = (min(float(recalls.min()), floor), float(right.mean()))
        if score > best_score:
            best, best_score = found, score
        if recalls.min() >= floor:
            break
        found = _raised(probabilities, truth, found, int(recalls.argmin()), floor)
    return np.asarray(best / best.max())


def _raised(probabilities: Array, truth: NDArray[np.bool_], found: Array, at: int, floor: float) -> Array:
    """Multipliers with that of one class as low as its floor allows, the others as they are."""
    mine = truth[:, at]
    rivals = np.delete(probabilities[mine] * found, at, axis=1).max(axis=1)
    needed = np.sort(rivals / np.maximum(probabilities[mine, at], 1e-300))
    raised = found.copy()
    raised[at] = max(found[at], needed[int(np.ceil(floor * mine.sum())) - 1]) * _OVER
    return raised
