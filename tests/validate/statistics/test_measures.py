"""Figures of sums and of weights come from one draw of groups."""

from __future__ import annotations

import numpy as np
import pytest

from stillroom.validate.statistics import measures
from stillroom.validate.statistics.bootstrap import Array, ratio
from stillroom.validate.statistics.measures import Draw, Summed, Weighed, estimates

GROUPS = ["b", "a", "b", "c", "a", "d"]
EVENTS = np.array([1.0, 0.0, 1.0, 1.0, 1.0, 0.0])


def weighted_mean(weights: Array) -> Array:
    return weights @ EVENTS / weights.sum(axis=1)


def test_a_sum_and_a_weighing_of_the_same_figure_agree_in_every_draw() -> None:
    draw = Draw.of(GROUPS, 50, seed=1)
    summed = Summed("accuracy", np.stack([EVENTS, np.ones(6)], axis=1), ratio).estimate(draw)
    weighed = Weighed("accuracy", weighted_mean, EVENTS == 1).estimate(draw)
    assert weighed.value == pytest.approx(summed.value)
    assert weighed.draws == pytest.approx(summed.draws)


def test_many_draws_are_weighed_in_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    draw, figure = Draw.of(GROUPS, 50, seed=1), Weighed("accuracy", weighted_mean, EVENTS == 1)
    at_once = figure.estimate(draw).draws
    monkeypatch.setattr(measures, "_MOST_WEIGHTS", 20)
    assert (figure.estimate(draw).draws == at_once).all()


def test_measures_together_are_what_they_are_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measures, "_MOST_COLUMNS", 3)
    draw, columns = Draw.of(GROUPS, 50, seed=1), np.random.default_rng(0).random((6, 2))
    together = [
        Summed("first", columns, part="class:a"),
        Weighed("mean", weighted_mean, EVENTS == 1),
        Summed("same columns", columns, kind="error"),
        Summed("other columns", columns[:, ::-1], kind="free"),
    ]
    found = estimates(together, draw)
    assert [(name, part) for name, part, _ in found] == [(of.name, of.part) for of in together]
    for (_, _, estimate), measure in zip(found, together, strict=True):
        alone = measure.estimate(draw)
        assert estimate.value == pytest.approx(alone.value, abs=1e-15)
        np.testing.assert_allclose(estimate.draws, alone.draws, rtol=0, atol=1e-15)
        assert estimate.interval() == pytest.approx(alone.interval(), abs=1e-15)


def test_a_rate_counts_the_groups_that_had_a_trial() -> None:
    trials = np.array([1.0, 0.0, 0.0, 1.0, 1.0, 0.0])
    found = Summed("fnr", np.stack([EVENTS * trials, trials], axis=1)).estimate(Draw.of(GROUPS, 50, seed=1))
    assert (found.units, found.trials) == (3, 3.0)


def test_a_rate_without_trials_is_no_number() -> None:
    found = Summed("fnr", np.zeros((6, 2))).estimate(Draw.of(GROUPS, 50, seed=1))
    assert np.isnan(found.value)


@pytest.mark.parametrize(("rarest", "deciding"), [([0, 2], 1), ([0, 3], 2), ([0, 1, 3, 5], 2)])
def test_a_perfect_figure_is_decided_by_the_groups_of_the_rarer_class(
    rarest: list[int], deciding: int
) -> None:
    """At most half of the groups, for a pair takes two of them."""
    marks = np.isin(np.arange(6), rarest)
    found = Weighed("auroc", lambda w: np.ones(len(w)), marks).estimate(Draw.of(GROUPS, 50, seed=1))
    assert found.interval() == pytest.approx((0.025 ** (1 / deciding), 1.0))
