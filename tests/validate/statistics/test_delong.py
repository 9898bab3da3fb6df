"""DeLong's variance from midranks equals the one over all pairs."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm, rankdata
from sklearn.metrics import roc_auc_score

from stillroom.validate.statistics.bootstrap import Array
from stillroom.validate.statistics.delong import delong, midranks


def cases(ties: bool, seed: int = 0) -> tuple[list[Array], Array]:
    random = np.random.default_rng(seed)
    positive = random.random(80) < 0.3
    scores = [positive * shift + random.normal(size=80) for shift in (1.0, 0.5, 0.0)]
    return [np.round(of) if ties else of for of in scores], positive


def over_all_pairs(scores: list[Array], positive: Array) -> tuple[Array, Array]:
    """DeLong 1988, equations 2 to 5, pair by pair."""
    above, below = [], []
    for of in scores:
        pairs = [[1.0 if p > n else 0.5 if p == n else 0.0 for n in of[~positive]] for p in of[positive]]
        above.append(np.mean(pairs, axis=1))
        below.append(np.mean(pairs, axis=0))
    return np.mean(above, axis=1), np.cov(above) / len(above[0]) + np.cov(below) / len(below[0])


@pytest.mark.parametrize("ties", [False, True])
def test_areas_and_covariance_equal_those_over_all_pairs(ties: bool) -> None:
    scores, positive = cases(ties)
    found, (values, covariance) = delong(scores, positive), over_all_pairs(scores, positive)
    assert found.values == pytest.approx(values, abs=1e-14)
    assert found.covariance == pytest.approx(covariance, abs=1e-15)


@pytest.mark.parametrize("ties", [False, True])
def test_areas_are_scikit_learns(ties: bool) -> None:
    scores, positive = cases(ties)
    assert delong(scores, positive).values == pytest.approx([roc_auc_score(positive, of) for of in scores])


def test_midranks_are_scipys() -> None:
    values = np.random.default_rng(1).integers(0, 9, 50).astype(float)
    assert midranks(values).tolist() == rankdata(values).tolist()


def test_the_interval_is_normal_on_the_logit_scale() -> None:
    scores, positive = cases(ties=False)
    areas = delong(scores[:1], positive)
    area, deviation = (
        areas.values[0],
        np.sqrt(areas.covariance[0, 0]) / areas.values[0] / (1 - areas.values[0]),
    )
    ends = np.log(area / (1 - area)) + norm.ppf([0.025, 0.975]) * deviation
    assert areas.interval() == pytest.approx(1 / (1 + np.exp(-ends)))


def test_a_difference_is_paired() -> None:
    scores, positive = cases(ties=False)
    twin = scores[0] + np.random.default_rng(2).normal(0, 0.05, 80)
    areas = delong([scores[0], twin], positive)
    gap, low, high, p_value = areas.difference(0, 1)
    assert low < gap < high
    assert high - low < 0.2 * np.diff(areas.interval())[0]
    assert p_value == pytest.approx(2 * norm.sf(abs(gap) / ((high - gap) / norm.ppf(0.975))))


def test_a_classifier_does_not_differ_from_itself() -> None:
    scores, positive = cases(ties=False)
    assert delong([scores[0], scores[0]], positive).difference(0, 1) == (0.0, 0.0, 0.0, 1.0)


def test_a_perfect_area_says_nothing_of_its_spread() -> None:
    positive = np.array([False, False, True, True])
    assert delong([positive.astype(float)], positive).interval() == (1.0, 1.0)
