"""Errors of numbers are scikit-learn's, on every draw."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk

from stillroom.types import DataError
from stillroom.validate.statistics.bootstrap import Array
from stillroom.validate.tasks.regression import r_squared, regression, root_mean


@pytest.fixture(scope="module")
def cases() -> tuple[Array, Array]:
    random = np.random.default_rng(0)
    truth = random.normal(5, 2, size=90)
    return truth + random.normal(0.3, 1, size=90), truth


def test_errors_are_scikit_learns_with_the_same_weights(cases: tuple[Array, Array]) -> None:
    predicted, truth = cases
    columns = {measure.name: measure for measure in regression(predicted, truth)}
    for weights in np.random.default_rng(1).multinomial(90, np.full(90, 1 / 90), size=10).astype(float):
        found = {name: float(of.figure(weights @ of.columns)) for name, of in columns.items()}
        assert found == pytest.approx(
            {
                "mae": sk.mean_absolute_error(truth, predicted, sample_weight=weights),
                "rmse": sk.root_mean_squared_error(truth, predicted, sample_weight=weights),
                "r2": sk.r2_score(truth, predicted, sample_weight=weights),
                "mean_error": np.average(predicted - truth, weights=weights),
            }
        )


def test_equal_targets_have_no_variance_to_explain() -> None:
    assert np.isnan(r_squared(np.array([1.0, 4.0, 8.0, 16.0])))
    assert root_mean(np.array([8.0, 2.0])) == 2.0


@pytest.mark.parametrize("truth", [[1.0], [1.0, np.nan]])
def test_what_is_no_number_is_refused(truth: list[float]) -> None:
    with pytest.raises(DataError, match="not finite"):
        regression(np.array([1.0, 2.0]), np.array(truth))
