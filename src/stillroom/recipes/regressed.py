"""Figures of numbers, one for each case, in a run and of a bundle by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stillroom.validate.statistics.measures import Summed
from stillroom.validate.tasks.regression import regression

Numbers = Sequence[NDArray[Any]]
"""Of each case, shape ``(1,)``."""


def figures_of_numbers(said: Numbers, truth: Numbers) -> list[Summed]:
    """Mean absolute error, its like, and the share of variance explained, in float64.

    Raises:
        DataError: a number is not finite.

    >>> [of.name for of in figures_of_numbers([np.ones(1), np.zeros(1)], [np.ones(1), np.ones(1)])]
    ['mae', 'rmse', 'r2', 'mean_error']
    """
    (ours,), (true,) = (np.stack(of).astype(np.float64).T for of in (said, truth))
    return regression(ours, true)
