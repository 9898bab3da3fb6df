"""The intervals hold what they promise."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from stillroom.validate.statistics.bootstrap import (
    Array,
    Estimate,
    estimate,
    exp_ratio,
    ratio,
    resample,
    sum_by_group,
)


def ratio_estimate(sums: Array, seed: int = 0, repeats: int = 400) -> Estimate:
    return estimate(sums, ratio, resample(len(sums), repeats, seed))


class TestResample:
    def test_draws_as_many_units_as_there_are(self) -> None:
        assert (resample(17, 50, seed=1).sum(axis=1) == 17).all()

    def test_draws_every_unit_equally_often(self) -> None:
        counts = resample(20, 5000, seed=1)
        assert counts.mean(axis=0) == pytest.approx(np.ones(20), abs=0.06)
        assert counts.var() == pytest.approx(1 - 1 / 20, abs=0.02)

    def test_same_seed_same_draw(self) -> None:
        assert (resample(9, 9, seed=3) == resample(9, 9, seed=3)).all()

    @pytest.mark.parametrize(("seed", "stream"), [(4, "a"), (3, "b")])
    def test_another_seed_or_stream_draws_otherwise(self, seed: int, stream: str) -> None:
        assert (resample(9, 9, seed=3, stream="a") != resample(9, 9, seed=seed, stream=stream)).any()


class TestEstimate:
    def test_equals_the_slow_way(self) -> None:
        random = np.random.default_rng(0)
        sums, counts = random.uniform(1, 5, size=(12, 2)), resample(12, 30, seed=2)
        found = estimate(sums, exp_ratio, counts)
        for draw, count in zip(found.draws, counts, strict=True):
            drawn = [unit for unit, times in zip(sums, count, strict=True) for _ in range(int(times))]
            assert draw == pytest.approx(np.exp(sum(u[0] for u in drawn) / sum(u[1] for u in drawn)))
        assert found.value == pytest.approx(np.exp(sums[:, 0].sum() / sums[:, 1].sum()))
        assert found.units == 12

    def test_interval_never_misses_the_value(self) -> None:
        assert Estimate(5.0, np.linspace(0, 1, 100), 9).interval() == (pytest.approx(0.025, abs=0.01), 5.0)

    @pytest.mark.parametrize(("right", "units"), [(0, 8), (8, 8), (0, 150), (150, 150)])
    def test_a_rate_without_spread_gets_the_exact_interval(self, right: int, units: int) -> None:
        found = estimate(
            np.array([[1.0 if at < right else 0.0, 1.0] for at in range(units)]),
            ratio,
            resample(units, 100, seed=0),
            is_rate=True,
        )
        exact = binomtest(right, units).proportion_ci(0.95, method="exact")
        assert found.interval() == pytest.approx((exact.low, exact.high))

    def test_a_share_of_trials_has_the_exact_interval(self) -> None:
        found = Estimate(0.25, np.linspace(0.2, 0.3, 100), 40, is_rate=True, trials=40)
        exact = binomtest(10, 40).proportion_ci(0.95, method="exact")
        assert found.interval() == pytest.approx((exact.low, exact.high))

    def test_groups_are_drawn_whole(self) -> None:
        columns = np.array([[1.0, 1.0], [10.0, 1.0], [2.0, 1.0], [20.0, 1.0]])
        assert sum_by_group(columns, ["b", "a", "b", "a"]).tolist() == [[30.0, 2.0], [3.0, 2.0]]

    def test_reflection_mirrors_the_draws_and_stops_at_zero(self) -> None:
        sums, counts = np.array([[0.0, 1.0], [1.0, 1.0], [5.0, 1.0]]), resample(3, 200, seed=1)
        plain, mirrored = estimate(sums, ratio, counts), estimate(sums, ratio, counts, reflect=True)
        assert mirrored.draws == pytest.approx(np.maximum(0, 2 * plain.value - plain.draws))
        assert mirrored.value == plain.value


class TestPairing:
    def test_what_subjects_share_cancels(self) -> None:
        random = np.random.default_rng(7)
        difficulty, tokens = random.normal(3, 1, size=200), np.ones(200)
        better = np.stack([difficulty + random.normal(0, 0.05, 200), tokens], axis=1)
        worse = np.stack([difficulty + 0.1 + random.normal(0, 0.05, 200), tokens], axis=1)
        paired = ratio_estimate(better) - ratio_estimate(worse)
        unpaired = ratio_estimate(better, seed=1) - ratio_estimate(worse, seed=2)
        assert np.ptp(paired.interval()) < 0.2 * np.ptp(unpaired.interval())
        assert paired.interval()[1] < 0 < unpaired.interval()[1]

    def test_a_subject_minus_itself_is_exactly_zero(self) -> None:
        one = ratio_estimate(np.random.default_rng(0).uniform(1, 2, size=(30, 2)))
        assert (one - one).interval() == (0.0, 0.0)

    def test_a_ratio_of_equals_is_exactly_one(self) -> None:
        one = ratio_estimate(np.random.default_rng(0).uniform(1, 2, size=(30, 2)))
        assert (one / one).interval() == (1.0, 1.0)


class TestCoverage:
    """Nominal 95 %: intervals of a ratio hold the true value in 93 to 97 % of simulated test sets."""

    TRUE = 2.0
    SETS = 600
    SLACK = 0.01  # about one standard error of a share of 600

    def _covered(self, *, by_group: bool) -> float:
        random = np.random.default_rng(11)
        hits = 0
        for at in range(self.SETS):
            concept = np.repeat(random.normal(0, 0.6, 80), 3)
            tokens = random.integers(1, 30, size=240).astype(np.float64)
            nats = tokens * (self.TRUE + concept + random.normal(0, 0.3, 240))
            groups = [str(row // 3 if by_group else row) for row in range(240)]
            found = ratio_estimate(
                sum_by_group(np.stack([nats, tokens], axis=1), groups), seed=at, repeats=300
            )
            low, high = found.interval()
            hits += low <= self.TRUE <= high
        return hits / self.SETS

    def test_groups_give_the_promised_coverage(self) -> None:
        assert 0.93 - self.SLACK <= self._covered(by_group=True) <= 0.97 + self.SLACK

    def test_ignoring_groups_promises_too_much(self) -> None:
        assert self._covered(by_group=False) < 0.88
