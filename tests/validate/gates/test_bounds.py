"""The worse end of a rate is its exact bound; the boundaries are those of the arithmetic."""

from __future__ import annotations

import pytest
from scipy.stats import binomtest

from stillroom.types import Metric, Verdict
from stillroom.validate.gates.bounds import ends, too_few
from stillroom.validate.gates.judge import verdict
from stillroom.validate.gates.settings import GateSettings
from stillroom.validate.statistics.exact import clopper_pearson


def rate(name: str, events: int, trials: int) -> Metric:
    low, high = clopper_pearson(events, trials)
    return Metric(name, "test", "student", events / trials, low, high, trials, "proportion", None, trials)


def fnr_at_most(limit: float) -> GateSettings:
    return GateSettings(name="misses", metric="fnr", subject="student", threshold=limit, direction="at_most")


@pytest.mark.parametrize(
    ("limit", "misses", "positives", "expected"),
    [
        (0.02, 0, 149, "pass"),
        (0.02, 0, 148, "not_demonstrated"),
        (0.02, 1, 149, "not_demonstrated"),
        (0.02, 1, 236, "pass"),
        (0.02, 1, 235, "not_demonstrated"),
        (0.05, 0, 59, "pass"),
        (0.05, 0, 58, "not_demonstrated"),
        (0.10, 0, 29, "pass"),
        (0.10, 0, 28, "not_demonstrated"),
        (0.15, 0, 19, "pass"),
        (0.15, 0, 18, "not_demonstrated"),
        (0.02, 6, 100, "fail"),
        (0.02, 5, 100, "not_demonstrated"),
        (0.05, 10, 10, "fail"),
    ],
)
def test_misses_at_the_boundary(limit: float, misses: int, positives: int, expected: Verdict) -> None:
    assert verdict(rate("fnr", misses, positives), fnr_at_most(limit)) == expected


@pytest.mark.parametrize(
    ("wrong", "cases", "expected"), [(0, 59, "pass"), (0, 58, "not_demonstrated"), (9, 60, "fail")]
)
def test_accuracy_at_the_boundary(wrong: int, cases: int, expected: Verdict) -> None:
    gate = GateSettings(
        name="right", metric="accuracy", subject="student", threshold=0.95, direction="at_least"
    )
    assert verdict(rate("accuracy", cases - wrong, cases), gate) == expected


@pytest.mark.parametrize(("events", "trials"), [(3, 200), (0, 149), (7, 7)])
def test_ends_are_scipys_one_sided_bounds(events: int, trials: int) -> None:
    high = binomtest(events, trials, alternative="less").proportion_ci(0.95, method="exact").high
    low = binomtest(events, trials, alternative="greater").proportion_ci(0.95, method="exact").low
    assert ends(rate("fnr", events, trials), "at_most") == pytest.approx((high, low))
    assert ends(rate("fnr", events, trials), "at_least") == pytest.approx((low, high))


def test_other_figures_keep_their_interval() -> None:
    area = Metric("auroc", "test", "student", 0.9, 0.85, 0.94, 300, "area", True)
    assert ends(area, "at_least") == (0.85, 0.94)


def test_a_rate_of_few_trials_says_how_many_it_needs() -> None:
    assert "needs 59 independent cases, not 30" in too_few(rate("fnr", 0, 30), 0.05, "at_most")
    assert "needs 59 independent cases, not 30" in too_few(rate("accuracy", 30, 30), 0.95, "at_least")
    assert too_few(rate("fnr", 2, 60), 0.05, "at_most") == ""
