"""How far raters agree beyond chance: Cohen's and Fleiss' kappa, with bootstrap intervals over answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from stillroom.validate.statistics.bootstrap import Array, Estimate, resample


def cohen(table: Array) -> Array:
    r"""Cohen's kappa of two raters from their table of agreement.

    .. math:: \kappa = \frac{p_o - p_e}{1 - p_e}, \quad p_o = \sum_c p_{cc}, \quad p_e = \sum_c p_{c\cdot}\,p_{\cdot c}

    Args:
        table: counts, shape ``(..., categories, categories)``; rows are the first rater's.

    Returns:
        From -1 to 1, shape ``(...)``; not a number where both always say the same one thing.

    Source: Cohen 1960, doi:10.1177/001316446002000104.

    >>> round(float(cohen(np.array([[20.0, 5.0], [10.0, 15.0]]))), 3)
    0.4
    """
    shares = table / table.sum(axis=(-2, -1), keepdims=True)
    observed = np.trace(shares, axis1=-2, axis2=-1)
    expected = (shares.sum(axis=-1) * shares.sum(axis=-2)).sum(axis=-1)
    return _beyond(observed, expected)


def fleiss(sums: Array) -> Array:
    r"""Fleiss' kappa of any number of raters, from sums over answers that all of them judged.

    .. math:: \bar P = \frac1N \sum_i \frac{\sum_c n_{ic}(n_{ic} - 1)}{n(n-1)}, \quad
        P_e = \sum_c \Big(\frac1{Nn} \sum_i n_{ic}\Big)^2

    Args:
        sums: shape ``(..., 2 + categories)``: number of answers, sum of their agreement, judgements of each category.

    Source: Fleiss 1971, doi:10.1037/h0031619.
    """
    answers, agreement, categories = sums[..., 0], sums[..., 1], sums[..., 2:]
    shares = categories / categories.sum(axis=-1, keepdims=True)
    return _beyond(agreement / answers, (shares**2).sum(axis=-1))


def cohen_estimate(
    first: Sequence[str], second: Sequence[str], repeats: int = 2000, seed: int = 0
) -> Estimate:
    """Cohen's kappa of two raters' judgements of the same answers, with its bootstrap distribution.

    >>> cohen_estimate(["yes", "no"] * 20, ["yes", "no"] * 20).value
    1.0
    """
    categories = sorted({*first, *second})
    cells = np.zeros((len(first), len(categories), len(categories)))
    for at, pair in enumerate(zip(first, second, strict=True)):
        cells[at, categories.index(pair[0]), categories.index(pair[1])] = 1.0

    def kappa(sums: Array) -> Array:
        return cohen(sums.reshape(*sums.shape[:-1], len(categories), len(categories)))

    return _estimate(cells.reshape(len(first), -1), kappa, repeats, seed)


def fleiss_estimate(ratings: Sequence[Sequence[str]], repeats: int = 2000, seed: int = 0) -> Estimate:
    """Fleiss' kappa, with its bootstrap distribution.

    Args:
        ratings: the judgements of each answer; equally many of each, at least 2.
        repeats: number of resamples.
        seed: of the resamples.
    """
    categories = sorted({rating for of_answer in ratings for rating in of_answer})
    counts = np.array(
        [[list(of_answer).count(name) for name in categories] for of_answer in ratings], dtype=float
    )
    raters = len(ratings[0])
    agreement = (counts * (counts - 1)).sum(axis=1) / (raters * (raters - 1))
    return _estimate(np.column_stack([np.ones(len(counts)), agreement, counts]), fleiss, repeats, seed)


def _estimate(columns: Array, figure: Callable[[Array], Array], repeats: int, seed: int) -> Estimate:
    draws = figure(resample(len(columns), repeats, seed, "review") @ columns)
    return Estimate(float(figure(columns.sum(axis=0))), draws, len(columns))


def _beyond(observed: NDArray[np.float64], expected: NDArray[np.float64]) -> Array:
    rest = 1 - expected
    return np.asarray(
        np.divide(observed - expected, rest, out=np.full(np.shape(rest), np.nan), where=rest > 1e-12),
        dtype=np.float64,
    )
