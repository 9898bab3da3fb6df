"""Areas from weights equal scikit-learn's with the same sample weights."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

from stillroom.validate.classification.ranking import Ranked
from stillroom.validate.statistics.bootstrap import Array


@pytest.fixture(scope="module", params=[False, True], ids=["no ties", "ties"])
def cases(request: pytest.FixtureRequest) -> tuple[Array, Array, Array]:
    random = np.random.default_rng(0)
    positive = random.random(60) < 0.3
    scores = positive + random.normal(size=60)
    weights = random.multinomial(60, np.full(60, 1 / 60), size=25).astype(float)
    return np.round(scores) if request.param else scores, positive, weights


def test_auroc(cases: tuple[Array, Array, Array]) -> None:
    scores, positive, weights = cases
    expected = [roc_auc_score(positive, scores, sample_weight=of) for of in weights]
    assert Ranked(scores, positive).auroc(weights) == pytest.approx(expected, abs=1e-12)


def test_average_precision(cases: tuple[Array, Array, Array]) -> None:
    scores, positive, weights = cases
    expected = [average_precision_score(positive, scores, sample_weight=of) for of in weights]
    assert Ranked(scores, positive).average_precision(weights) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("specificity", [0.5, 0.9, 0.999])
def test_sensitivity_at_a_specificity(cases: tuple[Array, Array, Array], specificity: float) -> None:
    scores, positive, weights = cases
    expected = []
    for of in weights:
        false, true, _ = roc_curve(positive, scores, sample_weight=of, drop_intermediate=False)
        expected.append(true[false <= 1 - specificity + 1e-12].max())
    assert Ranked(scores, positive).sensitivity_at(specificity, weights) == pytest.approx(expected)


@pytest.mark.parametrize("sensitivity", [0.5, 0.95, 1.0])
def test_false_alarms_at_a_sensitivity(cases: tuple[Array, Array, Array], sensitivity: float) -> None:
    scores, positive, weights = cases
    expected = []
    for of in weights:
        false, true, _ = roc_curve(positive, scores, sample_weight=of, drop_intermediate=False)
        expected.append(false[true >= sensitivity - 1e-12].min())
    assert Ranked(scores, positive).false_alarms_at(sensitivity, weights) == pytest.approx(expected)


def test_thresholds_and_what_is_called_at_each(cases: tuple[Array, Array, Array]) -> None:
    scores, positive, _ = cases
    ranked = Ranked(scores, positive)
    false, true, thresholds = roc_curve(positive, scores, drop_intermediate=False)
    np.testing.assert_array_equal(ranked.thresholds, thresholds[1:])
    assert ranked.hits / ranked.hits[-1] == pytest.approx(true[1:])
    assert ranked.false_alarms / ranked.false_alarms[-1] == pytest.approx(false[1:])


def test_a_second_draw_has_figures_of_its_own(cases: tuple[Array, Array, Array]) -> None:
    scores, positive, weights = cases
    ranked = Ranked(scores, positive)
    assert ranked.auroc(weights[:5]).tolist() == ranked.auroc(weights)[:5].tolist()


def test_a_draw_without_a_class_has_no_figure() -> None:
    ranked = Ranked(np.array([0.9, 0.1]), np.array([True, False]))
    weights = np.array([[2.0, 0.0], [0.0, 2.0], [1.0, 1.0]])
    at = partial(ranked.sensitivity_at, 0.9), partial(ranked.false_alarms_at, 0.9)
    for figure in (ranked.auroc, ranked.average_precision, *at):
        assert np.isnan(figure(weights)).tolist() == [True, True, False]
