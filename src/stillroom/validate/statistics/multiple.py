"""Many tests at once: p-values adjusted so that luck is not counted as a finding."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stillroom.validate.statistics.level import Array


def holm(p_values: Sequence[float]) -> Array:
    """Adjust for the chance of even one false finding, under any dependence between tests.

    The k-th smallest of m p-values is multiplied by m − k + 1, and is never less than the one before it.

    Source: Holm 1979, *Scandinavian Journal of Statistics* 6, 65–70.

    >>> holm([0.01, 0.04, 0.03]).tolist()
    [0.03, 0.06, 0.06]
    """
    order, ordered = _ordered(p_values)
    raised = np.maximum.accumulate(ordered * np.arange(len(order), 0, -1))
    return _put_back(np.minimum(1.0, raised), order)


def benjamini_hochberg(p_values: Sequence[float]) -> Array:
    """Adjust for the expected share of false findings among the findings, of tests that do not oppose each other.

    The k-th smallest of m p-values is multiplied by m / k, and is never more than the one after it.

    Source: Benjamini & Hochberg 1995, doi:10.1111/j.2517-6161.1995.tb02031.x.

    >>> benjamini_hochberg([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    order, ordered = _ordered(p_values)
    raised = ordered * len(order) / np.arange(1, len(order) + 1)
    return _put_back(np.minimum(1.0, np.minimum.accumulate(raised[::-1])[::-1]), order)


def _ordered(p_values: Sequence[float]) -> tuple[np.ndarray, Array]:
    values = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    return order, values[order]


def _put_back(ordered: Array, order: np.ndarray) -> Array:
    values = np.empty_like(ordered)
    values[order] = ordered
    return values
