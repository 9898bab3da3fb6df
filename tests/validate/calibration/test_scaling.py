"""Calibrators find what generated the data, equal scikit-learn's fits, and survive the trip through JSON."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from stillroom.types import DataError
from stillroom.types.calibrators import CALIBRATOR, Isotonic, Platt, Temperature
from stillroom.validate.calibration.scaling import fit_calibrator
from stillroom.validate.statistics.bootstrap import Array

KINDS = ("temperature", "platt", "isotonic")


def softmax(logits: Array) -> Array:
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def too_sure(classes: int, items: int = 4000, temperature: float = 2.5) -> tuple[Array, Array, Array]:
    """Probabilities that a temperature makes true, what is true, and the true probabilities."""
    random = np.random.default_rng(0)
    logits = random.normal(scale=4, size=(items, classes))
    true = softmax(logits / temperature)
    drawn = (true.cumsum(axis=1) > random.random((items, 1))).argmax(axis=1)
    return softmax(logits), np.eye(classes, dtype=bool)[drawn], true


def loss(probabilities: Array, truth: Array) -> float:
    return float(-np.log(probabilities[truth]).mean())


@pytest.mark.parametrize("classes", [2, 5])
def test_the_temperature_that_generated_the_data_is_found(classes: int) -> None:
    probabilities, truth, true = too_sure(classes)
    found = fit_calibrator("temperature", probabilities, truth)
    assert isinstance(found, Temperature)
    assert found.temperatures[0] == pytest.approx(2.5, rel=0.06)
    assert found.apply(probabilities) == pytest.approx(true, abs=0.02)
    assert (found.apply(probabilities).argmax(axis=1) == probabilities.argmax(axis=1)).all()


def test_no_other_temperature_has_less_loss() -> None:
    probabilities, truth, _ = too_sure(3)
    (best,) = fit_calibrator("temperature", probabilities, truth).temperatures
    losses = [
        loss(Temperature(labels=False, temperatures=(best * by,)).apply(probabilities), truth)
        for by in (0.99, 1.0, 1.01)
    ]
    assert min(losses) == losses[1]


def test_platts_line_is_scikit_learns_on_soft_targets() -> None:
    probabilities, truth, _ = too_sure(2, items=400)
    found = fit_calibrator("platt", probabilities, truth)
    assert isinstance(found, Platt)
    logit = np.log(probabilities[:, 1] / probabilities[:, 0])[:, None]
    up, down = truth[:, 1].sum(), truth[:, 0].sum()
    target = np.where(truth[:, 1], (up + 1) / (up + 2), 1 / (down + 2))
    twice = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(
        np.r_[logit, logit], np.repeat([1, 0], 400), sample_weight=np.r_[target, 1 - target]
    )
    assert found.slopes[1] == pytest.approx(twice.coef_[0, 0], rel=1e-4)
    assert found.intercepts[1] == pytest.approx(twice.intercept_[0], abs=1e-4)


@pytest.mark.parametrize("digits", [1, 9])
def test_isotonic_steps_are_scikit_learns(digits: int) -> None:
    probabilities, truth, _ = too_sure(2, items=500)
    probabilities = np.round(probabilities, digits)
    found = fit_calibrator("isotonic", probabilities, truth, labels=True)
    assert isinstance(found, Isotonic)
    theirs = IsotonicRegression(out_of_bounds="clip").fit(probabilities[:, 1], truth[:, 1])
    fresh = np.random.default_rng(1).random(200)
    expected = np.clip(theirs.predict(fresh), 1 / 502, 501 / 502)
    assert found.apply(np.stack([fresh, fresh], axis=1))[:, 1] == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("labels", [False, True])
def test_each_lowers_the_loss_of_new_cases(kind: str, labels: bool) -> None:
    probabilities, truth, _ = too_sure(3)
    fitted = fit_calibrator(kind, probabilities[:2000], truth[:2000], labels=labels)
    before, after, fresh = probabilities[2000:], fitted.apply(probabilities[2000:]), truth[2000:]
    if labels:

        def total(p: Array) -> float:
            held = np.clip(p, 1e-12, 1 - 1e-12)
            return float(-np.where(fresh, np.log(held), np.log(1 - held)).mean())

        assert total(after) < total(before)
    else:
        assert after.sum(axis=1) == pytest.approx(np.ones(len(after)))
        assert loss(after, fresh) < loss(before, fresh)


@pytest.mark.parametrize("kind", KINDS)
def test_a_calibrator_ships_as_json(kind: str) -> None:
    probabilities, truth, _ = too_sure(3, items=300)
    fitted = fit_calibrator(kind, probabilities, truth)
    again = CALIBRATOR.validate_json(fitted.model_dump_json())
    assert again == fitted
    assert (again.apply(probabilities) == fitted.apply(probabilities)).all()


@pytest.mark.parametrize("kind", KINDS)
def test_certain_predictions_are_calibrated_too(kind: str) -> None:
    probabilities = np.array([[1.0, 0.0], [0.0, 1.0]] * 200)
    truth = np.array([[True, False], [False, True]] * 180 + [[False, True], [True, False]] * 20)
    found = fit_calibrator(kind, probabilities, truth).apply(probabilities)
    assert found[0, 0] == pytest.approx(0.9, abs=0.01)


def test_a_class_without_a_case_cannot_be_calibrated() -> None:
    with pytest.raises(DataError, match="column 0 is true of no validation item, or of all"):
        fit_calibrator("platt", np.full((4, 2), 0.5), np.array([[True, False]] * 4))
