"""Figures of probabilities against scikit-learn, and the Brier score against its parts."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import log_loss

from stillroom.validate.classification.probabilities import (
    binned,
    brier_parts,
    calibration,
    certainty,
    log_losses,
)
from stillroom.validate.statistics.measures import Draw, Summed


def value(measure: Summed) -> float:
    draw = Draw.of([str(at) for at in range(len(measure.columns))], 5, seed=0)
    return measure.estimate(draw).value


def test_log_loss_survives_a_certain_mistake() -> None:
    probabilities, truth = np.array([[1.0, 0.0], [0.2, 0.8]]), np.array([[False, True], [False, True]])
    expected = log_loss([1, 1], probabilities, labels=[0, 1])
    assert log_losses(probabilities, truth, labels=False).mean() == pytest.approx(expected, rel=1e-9)


def test_the_parts_add_up_to_the_brier_score_where_bins_are_exact() -> None:
    """Murphy 1973: with four distinct probabilities, reliability - resolution + uncertainty is the score itself."""
    random = np.random.default_rng(0)
    probability = np.repeat([0.1, 0.35, 0.6, 0.9], 100)
    truth = random.random(400) < probability**1.5
    reliability, resolution = (value(part) for part in brier_parts(binned(probability, truth, 4)))
    uncertainty = truth.mean() * (1 - truth.mean())
    assert ((probability - truth) ** 2).mean() == pytest.approx(reliability - resolution + uncertainty)


def test_a_calibrated_probability_has_little_to_recalibrate() -> None:
    random = np.random.default_rng(1)
    probability = random.random(20_000)
    truth = random.random(20_000) < probability
    reliability, resolution = (value(part) for part in brier_parts(binned(probability, truth, 15)))
    assert reliability < 0.001
    assert resolution == pytest.approx(1 / 12, abs=0.005)
    assert value(calibration(binned(probability, truth, 15), "ece_classwise")) < 0.012


def test_certainty_inflation_is_what_confidence_promises_too_much() -> None:
    probabilities = np.array([[0.9, 0.1], [0.9, 0.1], [0.3, 0.7], [0.5, 0.5]])
    truth = np.array([[True, False], [False, True], [False, True], [True, False]])
    confidence, inflation, entropy = (value(measure) for measure in certainty(probabilities, truth))
    assert confidence == pytest.approx(0.75)
    assert inflation == pytest.approx(0.75 - 0.75)
    assert entropy == pytest.approx(np.mean([-(p * np.log(p)).sum() for p in probabilities]))
