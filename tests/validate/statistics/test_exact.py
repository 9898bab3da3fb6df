"""Bounds of rates are SciPy's exact ones, and the number of cases that a claim needs follows from them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import beta, binom, binomtest

from stillroom.validate.statistics.exact import (
    clopper_pearson,
    effective_trials,
    lower_bound,
    trials_needed,
    upper_bound,
)

COUNTS = [(0, 1), (1, 1), (0, 149), (3, 149), (149, 149), (19, 89), (500, 1000)]


@pytest.mark.parametrize(("events", "trials"), COUNTS)
@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
def test_intervals_equal_scipys(events: int, trials: int, level: float) -> None:
    theirs = binomtest(events, trials).proportion_ci(level, method="exact")
    assert clopper_pearson(events, trials, level) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


@pytest.mark.parametrize(("events", "trials"), COUNTS)
def test_one_sided_bounds_leave_all_of_the_error_on_one_side(events: int, trials: int) -> None:
    high, low = upper_bound(events, trials), lower_bound(events, trials)
    if events < trials:
        assert binom.cdf(events, trials, high) == pytest.approx(0.05)
    if events > 0:
        assert binom.sf(events - 1, trials, low) == pytest.approx(0.05)
    assert (low == 0) == (events == 0)
    assert (high == 1) == (events == trials)


@pytest.mark.parametrize(
    ("limit", "needed"), [(0.02, 149), (0.05, 59), (0.10, 29), (0.15, 19), (0.5, 5), (0.001, 2995)]
)
def test_without_a_miss_a_limit_needs_so_many_trials(limit: float, needed: int) -> None:
    assert trials_needed(limit) == needed
    assert upper_bound(0, needed) <= limit < upper_bound(0, needed - 1)


@pytest.mark.parametrize("misses", [1, 2, 7])
def test_with_misses_it_needs_more(misses: int) -> None:
    needed = trials_needed(0.05, misses)
    assert beta.ppf(0.95, misses + 1, needed - misses) <= 0.05
    assert beta.ppf(0.95, misses + 1, needed - 1 - misses) > 0.05


class TestEffectiveTrials:
    def test_independent_trials_count_in_full(self) -> None:
        assert effective_trials(np.array([1.0, 0.0, 1.0]), np.ones(3)) == 3

    def test_groups_without_trials_do_not_count(self) -> None:
        assert effective_trials(np.array([1.0, 0.0, 0.0]), np.array([1.0, 1.0, 0.0])) == 2

    def test_trials_that_repeat_each_other_count_once_at_most(self) -> None:
        events = np.repeat([5.0, 0.0], [30, 70])
        found = effective_trials(events, np.full(100, 5.0))
        assert 95 < found < 100

    def test_trials_of_a_group_that_do_not_depend_on_each_other_count_almost_in_full(self) -> None:
        events = np.random.default_rng(0).binomial(5, 0.3, size=400).astype(float)
        assert 1700 < effective_trials(events, np.full(400, 5.0)) <= 2000

    @pytest.mark.parametrize("events", [[0.0] * 12, [5.0] * 12, [1.0] * 9 + [0.0] * 3, [5.0] * 11 + [1.0]])
    def test_with_little_variance_to_see_a_group_counts_once(self, events: list[float]) -> None:
        assert effective_trials(np.array(events), np.full(12, 5.0)) == 12
