"""The interval ends where the score equation does, and is narrower with more cases."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm

from stillroom.validate.statistics.newcombe import auroc_interval


def score(theta: float, area: float, m: int, n: int) -> float:
    """Hanley & McNeil's variance with their Q1 and Q2, the two numbers of cases replaced by their mean."""
    q1, q2, mean = theta / (2 - theta), 2 * theta**2 / (1 + theta), (m + n) / 2
    variance = (theta * (1 - theta) + (mean - 1) * (q1 - theta**2 + q2 - theta**2)) / (m * n)
    return (area - theta) ** 2 - norm.ppf(0.975) ** 2 * variance


@pytest.mark.parametrize(("m", "n"), [(5, 5), (20, 80), (300, 40)])
@pytest.mark.parametrize("area", [0.5, 0.83, 0.99])
def test_ends_solve_the_score_equation(area: float, m: int, n: int) -> None:
    low, high = auroc_interval(area, m, n)
    assert low == pytest.approx(brentq(score, 1e-9, area, args=(area, m, n)), abs=1e-8)
    assert high == pytest.approx(brentq(score, area, 1 - 1e-12, args=(area, m, n)), abs=1e-8)


def test_it_is_not_empty_at_a_perfect_area_and_mirrors_the_worst() -> None:
    low, high = auroc_interval(1.0, 15, 60)
    assert 0.8 < low < 0.95
    assert high == 1.0
    assert auroc_interval(0.0, 15, 60) == pytest.approx((0.0, 1 - low))


def test_more_cases_say_more() -> None:
    widths = [np.diff(auroc_interval(0.9, m, 3 * m))[0] for m in (10, 40, 160)]
    assert widths == sorted(widths, reverse=True)
