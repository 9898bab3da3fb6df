"""Risk and coverage, worked out one threshold at a time."""

from __future__ import annotations

import numpy as np
import pytest

from stillroom.types import GateError
from stillroom.validate.calibration.selective import Selective, deferral_threshold
from stillroom.validate.statistics.bootstrap import Array
from stillroom.validate.statistics.exact import upper_bound


@pytest.fixture(scope="module", params=[9, 1], ids=["no ties", "ties"])
def cases(request: pytest.FixtureRequest) -> tuple[Array, Array]:
    random = np.random.default_rng(0)
    confidence = np.round(random.random(400), request.param)
    return confidence, (random.random(400) > 0.7 + 0.3 * confidence).astype(float)


def test_the_curve_is_the_share_of_errors_among_the_surest(cases: tuple[Array, Array]) -> None:
    confidence, wrong = cases
    coverage, risk, thresholds = Selective(confidence, wrong).curve()
    for c, r, threshold in zip(coverage, risk, thresholds, strict=True):
        decided = confidence >= threshold
        assert (c, r) == pytest.approx((decided.mean(), wrong[decided].mean()))
    assert (coverage[-1], risk[-1]) == pytest.approx((1.0, wrong.mean()))


def test_the_area_is_the_mean_risk_over_all_coverages() -> None:
    random = np.random.default_rng(1)
    confidence, wrong = random.random(50), (random.random(50) < 0.3).astype(float)
    ordered = wrong[np.argsort(-confidence)]
    slow = np.mean([ordered[: kept + 1].mean() for kept in range(50)])
    assert Selective(confidence, wrong).area(np.ones((1, 50)))[0] == pytest.approx(slow)


def test_a_weighted_area_weighs_each_case_by_its_draws(cases: tuple[Array, Array]) -> None:
    confidence, wrong = cases
    weights = np.random.default_rng(2).multinomial(400, np.full(400, 1 / 400), size=5)
    for row in weights:
        repeated = Selective(np.repeat(confidence, row), np.repeat(wrong, row))
        tied = Selective(confidence, wrong).area(row[None].astype(float))
        assert tied[0] == pytest.approx(repeated.area(np.ones((1, 400)))[0])


def test_the_largest_share_that_shows_the_risk_is_decided(cases: tuple[Array, Array]) -> None:
    confidence, wrong = cases
    limit = deferral_threshold(confidence, wrong, 0.25)
    shown = []
    for tenth in range(1, 11):
        decided = confidence >= np.sort(confidence)[::-1][40 * tenth - 1]
        if upper_bound(wrong[decided].sum(), int(decided.sum()), 0.995) <= 0.25:
            shown.append(decided.sum())
    assert (confidence >= limit).sum() == max(shown)


def test_a_risk_that_nothing_shows_is_refused(cases: tuple[Array, Array]) -> None:
    with pytest.raises(GateError, match=r"no share of 400 validation cases shows a risk of at most 0\.001"):
        deferral_threshold(*cases, 0.001)
