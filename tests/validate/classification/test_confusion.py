"""Figures of decisions on resampled counts, against scikit-learn item by item."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk

from stillroom.validate.classification.confusion import counts, f1, matrix_columns, matthews, mean_recall


@pytest.fixture(scope="module", params=[2, 3, 5])
def drawn(request: pytest.FixtureRequest) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    random, classes = np.random.default_rng(1), request.param
    truth = random.integers(classes, size=80)
    decided = np.where(random.random(80) < 0.6, truth, random.integers(classes, size=80))
    return truth, decided, random.multinomial(80, np.full(80, 1 / 80), size=20).astype(float), classes


def test_matthews_and_balanced_accuracy(drawn: tuple[np.ndarray, np.ndarray, np.ndarray, int]) -> None:
    truth, decided, weights, classes = drawn
    sums = weights @ matrix_columns(truth, decided, classes)
    assert matthews(sums) == pytest.approx(
        [sk.matthews_corrcoef(truth, decided, sample_weight=of) for of in weights]
    )
    assert mean_recall(sums) == pytest.approx(
        [sk.balanced_accuracy_score(truth, decided, sample_weight=of) for of in weights]
    )


def test_f1(drawn: tuple[np.ndarray, np.ndarray, np.ndarray, int]) -> None:
    truth, decided, weights, _ = drawn
    found = f1(weights @ counts(truth == 1, decided == 1))
    assert found == pytest.approx([sk.f1_score(truth == 1, decided == 1, sample_weight=of) for of in weights])


def test_nothing_to_find_and_nothing_called_is_no_figure() -> None:
    assert np.isnan(f1(np.zeros(4)))
    assert np.isnan(matthews(np.array([5.0, 0.0, 0.0, 0.0])))
