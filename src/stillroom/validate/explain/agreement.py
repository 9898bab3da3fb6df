"""Do two models look at the same? Rank correlation and overlap of attributions, likeness of attention."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stillroom.validate.statistics.delong import midranks

Array = NDArray[np.float64]


def rank_correlation(one: Array, other: Array, present: NDArray[np.bool_]) -> Array:
    """Spearman's correlation of the signed attributions of each case.

    Args:
        one: shape ``(cases, units)``.
        other: the same.
        present: which units each case has.

    Returns:
        Shape ``(cases,)``, from −1 to 1; not a number where either gives all units the same.

    Source: Spearman 1904, doi:10.2307/1412159.

    >>> both = np.array([[3.0, 1.0, 2.0]]), np.array([[9.0, 1.0, 4.0]])
    >>> rank_correlation(*both, np.ones((1, 3), bool))
    array([1.])
    """
    return np.array([_spearman(a[has], b[has]) for a, b, has in zip(one, other, present, strict=True)])


def top_overlap(one: Array, other: Array, present: NDArray[np.bool_], top: int) -> Array:
    """Share of the units with the largest attributions, by size, that both name; of ``top`` or as many as there are.

    >>> top_overlap(np.array([[3.0, -4.0, 0.0]]), np.array([[3.0, 0.0, 1.0]]), np.ones((1, 3), bool), 2)
    array([0.5])
    """
    found = []
    for a, b, has in zip(one, other, present, strict=True):
        most = min(top, int(has.sum()))
        leading = [set(np.abs(of[has]).argsort(kind="stable")[::-1][:most].tolist()) for of in (a, b)]
        found.append(len(leading[0] & leading[1]) / most)
    return np.array(found)


def attention_likeness(one: Array, other: Array) -> Array:
    r"""1 − JSD(a, b) / ln 2 of the attention of each case over its keys: 1 where they are equal, 0 where disjoint.

    Args:
        one: shape ``(cases, keys)``, each row summing to 1.
        other: the same.

    Source: Lin 1991, doi:10.1109/18.61115.

    >>> attention_likeness(np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]]))
    array([0.])
    """
    middle = (one + other) / 2
    return np.asarray(1 - (_relative(one, middle) + _relative(other, middle)) / (2 * np.log(2)))


def _relative(of: Array, to: Array) -> Array:
    logs = np.log(np.where(of > 0, of, 1.0)) - np.log(np.where(of > 0, to, 1.0))
    return np.asarray((of * logs).sum(axis=-1))


def _spearman(one: Array, other: Array) -> float:
    ranks = [midranks(of) for of in (one, other)]
    apart = [of - of.mean() for of in ranks]
    spread = np.sqrt((apart[0] ** 2).sum() * (apart[1] ** 2).sum())
    return float((apart[0] * apart[1]).sum() / spread) if spread > 0 else float("nan")
