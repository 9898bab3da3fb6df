"""Adjusted p-values equal SciPy's, and a step-down done by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from stillroom.validate.statistics.bootstrap import Array
from stillroom.validate.statistics.multiple import benjamini_hochberg, holm

P_VALUES = [[0.5], [0.01, 0.02, 0.03], [0.04, 0.01, 0.9, 0.01, 0.2], [1.0, 1.0], [0.0, 0.6, 0.6]]


def least_level_at_which_holm_rejects(p_values: list[float]) -> Array:
    """Walk down the ordered p-values: the k-th is rejected at a level if p·(m − k + 1) and all before it are."""
    adjusted = np.empty(len(p_values))
    needed = 0.0
    for step, at in enumerate(sorted(range(len(p_values)), key=lambda at: p_values[at])):
        needed = max(needed, p_values[at] * (len(p_values) - step))
        adjusted[at] = min(1.0, needed)
    return adjusted


@pytest.mark.parametrize("p_values", P_VALUES)
def test_holm_steps_down(p_values: list[float]) -> None:
    assert holm(p_values) == pytest.approx(least_level_at_which_holm_rejects(p_values))


@pytest.mark.parametrize("p_values", P_VALUES)
def test_benjamini_hochberg_is_scipys(p_values: list[float]) -> None:
    assert benjamini_hochberg(p_values) == pytest.approx(false_discovery_control(p_values))
