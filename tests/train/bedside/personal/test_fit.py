from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from stillroom.train.bedside.personal.fit import fit_adapter


@pytest.mark.parametrize("width", [0, 3])
@pytest.mark.parametrize("deviation", [0.3, 2.0])
def test_it_is_the_minimum_that_a_general_optimiser_finds(width: int, deviation: float) -> None:
    random = np.random.default_rng(1)
    logits, features = random.normal(size=8), random.normal(size=(8, width))
    labels = (random.random(8) < 0.7).astype(float)

    def loss(found: np.ndarray) -> float:
        z = logits + found[0] + features @ found[1:]
        fit = np.logaddexp(0, np.where(labels == 1, -z, z)).sum()
        return float(fit + (found[0] ** 2 + width * (found[1:] ** 2).sum()) / (2 * deviation**2))

    best = minimize(loss, np.zeros(1 + width), tol=1e-12).x
    found = fit_adapter(logits, features, labels, deviation)
    np.testing.assert_allclose([found.bias, *found.weights], best, atol=1e-5)


def test_without_labels_the_patient_is_the_population() -> None:
    assert fit_adapter(np.zeros(0), np.zeros((0, 0)), np.zeros(0), 1.0).bias == 0.0


def test_a_tighter_prior_moves_less_and_extreme_logits_converge() -> None:
    logits, ones = np.full(5, -30.0), np.ones(5)
    tight, wide = (fit_adapter(logits, np.zeros((5, 0)), ones, s).bias for s in (0.5, 50.0))
    assert 0 < tight < wide
    assert wide == pytest.approx(30, abs=10)
