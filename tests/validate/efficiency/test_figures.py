"""Figures measured by others keep their unit, direction and spread."""

from __future__ import annotations

import numpy as np
import pytest

from stillroom.validate import exact, median
from stillroom.validate.efficiency.figures import quantile


def test_an_exact_figure_has_no_interval() -> None:
    size = exact("bytes_on_disk", "bundle", 1000)
    assert (size.value, size.ci_low, size.ci_high, size.split) == (1000.0, None, None, "")
    assert (size.unit, size.higher_is_better) == ("bytes", False)


def test_few_repeats_span_all_of_them() -> None:
    timing = median("prefill_ms", "student", [3.0, 1.0, 2.0])
    assert (timing.value, timing.ci_low, timing.ci_high, timing.n) == (2.0, 1.0, 3.0, 3)


def test_one_slow_repeat_does_not_move_the_median() -> None:
    assert median("prefill_ms", "student", [1.0] * 9 + [1000.0]).ci_high == 1.0


def test_the_interval_holds_the_true_median_in_at_least_95_of_100_cases() -> None:
    random = np.random.default_rng(3)
    draws = [median("prefill_ms", "student", random.exponential(size=25).tolist()) for _ in range(1000)]
    held = np.mean([m.ci_low <= np.log(2) <= m.ci_high for m in draws if m.ci_low and m.ci_high])
    assert 0.94 <= held <= 0.98


def test_an_unknown_figure_is_refused() -> None:
    with pytest.raises(KeyError):
        exact("horsepower", "bundle", 3)


def test_the_interval_of_a_high_quantile_holds_it_where_the_repeats_suffice() -> None:
    random = np.random.default_rng(4)
    truth = -np.log(1 - 0.95)
    draws = [
        quantile("token_ms_p95", "student", random.exponential(size=160).tolist(), 0.95) for _ in range(600)
    ]
    held = np.mean([m.ci_low <= truth <= m.ci_high for m in draws if m.ci_low and m.ci_high])
    assert held >= 0.94


@pytest.mark.parametrize(("at", "needed"), [(0.95, 72), (0.99, 368)])
def test_the_upper_end_leaves_the_greatest_out_only_with_enough_repeats(at: float, needed: int) -> None:
    """With too few, the greatest of them is the end because there is none better, not because it is far enough."""
    for repeats, enough in ((needed - 1, False), (needed, True)):
        assert (at**repeats <= 0.025) is enough
    many = [float(number) for number in range(4 * needed)]
    assert quantile("token_ms_p95", "student", many, at).ci_high < many[-1]  # type: ignore[operator]


def test_thousands_of_repeats_do_not_overflow() -> None:
    assert median("token_ms", "student", [1.0] * 5000).value == 1.0
