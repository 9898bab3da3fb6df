"""Scores of strangeness, against SciPy and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import logsumexp, softmax
from sklearn.metrics import roc_auc_score, roc_curve

from stillroom.validate.shift.detect import detection, energy, unsureness
from stillroom.validate.statistics.measures import Draw

RANDOM = np.random.default_rng(4)
LOGITS = 3 * RANDOM.normal(size=(50, 4))


@pytest.mark.parametrize("temperature", [0.5, 1.0, 4.0])
def test_energy_is_scipys_logsumexp(temperature: float) -> None:
    expected = -temperature * logsumexp(LOGITS / temperature, axis=1)
    np.testing.assert_allclose(energy(LOGITS, temperature), expected)


def test_energy_tells_what_the_largest_probability_does_not() -> None:
    shifted = LOGITS - 5.0  # the same distribution of smaller evidence
    np.testing.assert_allclose(unsureness(softmax(shifted, axis=1)), unsureness(softmax(LOGITS, axis=1)))
    assert (energy(shifted) > energy(LOGITS)).all()


def test_area_and_passing_share_are_scikit_learns() -> None:
    inside, outside = RANDOM.normal(size=80), RANDOM.normal(size=60) + 1.5
    area, passing = (
        measure.estimate(Draw.of([str(n) for n in range(140)], 200, 0))
        for measure in detection((inside, outside), "energy")
    )
    known = np.r_[np.ones(80), np.zeros(60)]
    scores = -np.r_[inside, outside]
    assert area.value == pytest.approx(roc_auc_score(known, scores))
    false, true, _ = roc_curve(known, scores, drop_intermediate=False)
    assert passing.value == pytest.approx(false[true >= 0.95].min())
    low, high = passing.interval()
    assert low < passing.value < high


def test_data_that_is_wholly_strange_never_passes() -> None:
    _, passing = detection((np.zeros(30), np.ones(30)), "energy")
    found = passing.estimate(Draw.of([str(n) for n in range(60)], 100, 0))
    assert found.value == 0.0
    assert found.interval()[1] > 0.0
