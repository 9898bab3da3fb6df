"""Sets of classes that hold the true one as often as was promised, whatever the model is worth.

The promise is that of the population that the validation data come from, not of a patient: it holds on average over
samples, and breaks where patients differ from those data. So sets are refused where they are seen to differ.
"""

from __future__ import annotations

from math import ceil
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from stillroom.types import DataError, Settings
from stillroom.validate.statistics.distributions import scipy_stats
from stillroom.validate.statistics.level import Array

Score = Literal["threshold", "adaptive"]
"""``threshold``: 1 − p of a class; ``adaptive``: the probability of all that are likelier, and its own."""


class Conformal(Settings):
    """Limits of the scores that a class of a set may have, fitted on validation data.

    Attributes:
        score: what is held against the limits.
        miss_rate: α: sets miss the true class in at most this share of cases, on average.
        limits: one for each class, or the same for all; 1 takes a class into every set.
        validation_items: cases behind each limit.
    """

    score: Score
    miss_rate: float = Field(gt=0, lt=1)
    limits: tuple[float, ...]
    validation_items: tuple[int, ...]

    def sets(self, probabilities: Array) -> NDArray[np.bool_]:
        """Tell which classes each set holds, shape ``(items, classes)`` in and out; a set may be empty."""
        return np.asarray(scores_of(probabilities, self.score) <= np.array(self.limits))


def fit_conformal(
    probabilities: Array,
    truth: NDArray[np.bool_],
    miss_rate: float,
    *,
    score: Score = "threshold",
    by_class: bool = True,
) -> Conformal:
    """Fit sets on validation data that the model did not learn from.

    The limit is the ⌈(n + 1)(1 − α)⌉-th smallest score of the true classes. By class, the promise holds for the
    patients of each class alone (Mondrian), at the price of larger sets; fewer than 1/α − 1 cases bound nothing, and
    their class is in every set.

    Args:
        probabilities: shape ``(items, classes)``.
        truth: which class is true, one in each row, same shape.
        miss_rate: α.
        score: see :data:`Score`.
        by_class: a limit for each class.

    Source: Vovk, Gammerman & Shafer 2005, *Algorithmic Learning in a Random World*; Sadinle, Lei & Wasserman 2019,
    arXiv:1609.00451; Romano, Sesia & Candès 2020, arXiv:2006.02544 (without the random part).

    >>> probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.4, 0.6], [0.7, 0.3]])
    >>> truth = np.array([[True, False], [True, False], [False, True], [False, True]])
    >>> fit_conformal(probabilities, truth, 0.4, by_class=False).sets(np.array([[0.65, 0.35]]))
    array([[ True, False]])
    """
    scores, columns = scores_of(probabilities, score), range(truth.shape[1])
    kept = [scores[truth[:, at], at] for at in columns] if by_class else [scores[truth]]
    limits, sizes = [_limit(of, miss_rate) for of in kept], [len(of) for of in kept]
    many = 1 if by_class else len(columns)
    return Conformal(
        score=score,
        miss_rate=miss_rate,
        limits=tuple(limits * many),
        validation_items=tuple(sizes * many),
    )


def scores_of(probabilities: Array, score: Score) -> Array:
    """Compute how ill each class fits, within [0, 1], shape ``(items, classes)``."""
    if score == "threshold":
        return 1 - probabilities
    order = np.argsort(-probabilities, axis=1, kind="stable")
    summed = np.minimum(np.cumsum(np.take_along_axis(probabilities, order, axis=1), axis=1), 1.0)
    scores = np.empty_like(probabilities)
    np.put_along_axis(scores, order, summed, axis=1)
    return scores


def exchangeability(validation: Array, other: Array) -> float:
    """p-value of two sets of cases being of one population, by the model's confidence (Kolmogorov & Smirnov).

    It needs no labels, so it can be asked at the bedside. That it is large proves nothing.

    Args:
        validation: probabilities, shape ``(items, classes)``.
        other: of other cases.
    """
    return float(scipy_stats().ks_2samp(validation.max(axis=1), other.max(axis=1)).pvalue)


def require_exchangeable(validation: Array, other: Array, level: float) -> float:
    """Refuse to promise coverage for cases that differ from the validation data.

    Returns:
        The p-value.

    Raises:
        DataError: it is below ``level``.
    """
    p_value = exchangeability(validation, other)
    if p_value < level:
        raise DataError(
            f"confidences unlike those of the validation data (p = {p_value:.2g})",
            f"cases of the same population (p of at least {level:g}), else no coverage can be promised",
            "fit the sets on validation data of this site and time",
        )
    return p_value


def _limit(scores: Array, miss_rate: float) -> float:
    rank = ceil((len(scores) + 1) * (1 - miss_rate) - 1e-9)
    return 1.0 if rank > len(scores) else float(np.sort(scores)[rank - 1])
