"""What a calibrator brings is measured on the same items, and paired."""

from __future__ import annotations

import numpy as np
import pytest

from stillroom.types import Metric
from stillroom.validate import ClassificationSettings, fit_calibrator, measure_classification
from stillroom.validate.classification.gain import measure_recalibration
from stillroom.validate.classification.probabilities import log_losses

SETTINGS = ClassificationSettings(classes=("well", "ill"), bootstrap_repeats=200)
ITEMS = 600


def too_sure(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities that are three times too sure, and what is true."""
    random = np.random.default_rng(seed)
    logits = random.normal(size=ITEMS)
    truth = (random.random(ITEMS) < 1 / (1 + np.exp(-logits))).astype(int)
    said = 1 / (1 + np.exp(-3 * logits))
    return np.stack([1 - said, said], axis=1), truth


def found(kind: str) -> dict[str, Metric]:
    (on_validation, was_true), (before, truth) = too_sure(1), too_sure(2)
    calibrator = fit_calibrator(kind, on_validation, np.eye(2, dtype=bool)[was_true])  # type: ignore[arg-type]
    groups = [str(at) for at in range(ITEMS)]
    metrics = measure_recalibration([before], [calibrator.apply(before)], truth, groups, SETTINGS)
    return {metric.name: metric for metric in metrics}


@pytest.mark.parametrize("kind", ["temperature", "platt", "isotonic"])
def test_every_kind_mends_what_is_too_sure(kind: str) -> None:
    told = found(kind)
    for name in ("ece", "log_loss", "brier_score", "ece_classwise"):
        gain = told[f"{name}_minus_uncalibrated"]
        assert gain.ci_high is not None
        assert gain.ci_high < 0
    assert {metric.subject for metric in told.values()} == {"bundle"}


def test_before_is_what_the_classifier_alone_measures_and_the_difference_is_exact() -> None:
    before, truth = too_sure(2)
    groups = [str(at) for at in range(ITEMS)]
    alone = measure_classification({"bundle": before}, truth, groups, SETTINGS)
    after = np.full_like(before, 0.5)
    told = {m.name: m for m in measure_recalibration([before], [after], truth, groups, SETTINGS)}
    assert told["ece_uncalibrated"].value == alone.value("ece", "bundle").value
    losses = log_losses(before, np.eye(2, dtype=bool)[truth], labels=False).mean()
    assert told["log_loss_minus_uncalibrated"].value == pytest.approx(np.log(2) - losses)
