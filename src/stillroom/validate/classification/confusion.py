"""Figures of decisions, from counts that add up over items."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stillroom.validate.statistics.level import Array

Marks = NDArray[np.bool_]


def counts(truth: Marks, decided: Marks) -> Array:
    """Mark each item as true alarm, false alarm, miss or true all-clear.

    Args:
        truth: which items are positive, shape ``(items,)``.
        decided: which are called so.

    Returns:
        Shape ``(items, 4)``: TP, FP, FN, TN.
    """
    return np.stack([truth & decided, ~truth & decided, truth & ~decided, ~truth & ~decided], axis=1).astype(
        np.float64
    )


def f1(sums: Array) -> Array:
    """2·TP / (2·TP + FP + FN), from sums that begin with TP, FP, FN; not a number where there was nothing to find.

    >>> float(f1(np.array([2.0, 1.0, 1.0])))
    0.6666666666666666
    """
    hits = 2 * sums[..., 0]
    return over(hits, hits + sums[..., 1] + sums[..., 2])


def matthews(sums: Array) -> Array:
    r"""Correlation of decisions and truth, of two classes or more.

    .. math:: \frac{c s - \sum_k p_k t_k}{\sqrt{(s^2 - \sum_k p_k^2)(s^2 - \sum_k t_k^2)}}

    with c items right of s, and class k decided p_k and true t_k times.

    Args:
        sums: the confusion matrix, truth in rows, flattened, shape ``(..., classes²)``.

    Source: Gorodkin 2004, doi:10.1016/j.compbiolchem.2004.09.006.
    """
    classes = round(sums.shape[-1] ** 0.5)
    matrix = sums.reshape(*sums.shape[:-1], classes, classes)
    true, decided = matrix.sum(axis=-1), matrix.sum(axis=-2)
    right, total = np.trace(matrix, axis1=-2, axis2=-1), matrix.sum(axis=(-2, -1))
    apart = right * total - (true * decided).sum(axis=-1)
    scale = (total**2 - (decided**2).sum(axis=-1)) * (total**2 - (true**2).sum(axis=-1))
    return over(apart, np.sqrt(scale))


def matrix_columns(truth: NDArray[np.intp], decided: NDArray[np.intp], classes: int) -> Array:
    """One-hot cell of the confusion matrix of each item, shape ``(items, classes²)``."""
    return np.asarray(np.eye(classes**2)[truth * classes + decided])


def mean_recall(sums: Array) -> Array:
    """Balanced accuracy from a flattened confusion matrix: mean over classes of the share that is recognised.

    Classes without items have no say.
    """
    classes = round(sums.shape[-1] ** 0.5)
    matrix = sums.reshape(*sums.shape[:-1], classes, classes)
    true = matrix.sum(axis=-1)
    recall = over(np.diagonal(matrix, axis1=-2, axis2=-1), true)
    return over(np.where(true > 0, recall, 0).sum(axis=-1), (true > 0).sum(axis=-1).astype(np.float64))


def over(above: Array, below: Array) -> Array:
    """Divide; not a number where the divisor is 0."""
    return np.asarray(np.divide(above, below, out=np.full(np.shape(below), np.nan), where=below != 0))
