"""What was promised on validation data is measured on the test split."""

from __future__ import annotations

import numpy as np
import pytest

from stillroom.types import DataError, Evidence
from stillroom.validate import ClassificationSettings, UncertaintySettings, measure_uncertainty
from stillroom.validate.calibration.conformal import fit_conformal
from stillroom.validate.calibration.selective import Selective
from stillroom.validate.statistics.bootstrap import Array

CLASSES = ClassificationSettings(classes=("a", "b", "c"), bootstrap_repeats=100)


def split(seed: int, items: int = 600, skill: float = 1.0) -> tuple[Array, Array]:
    random = np.random.default_rng(seed)
    probabilities = random.dirichlet(np.full(3, 0.3 / skill), size=items)
    return probabilities, (probabilities.cumsum(axis=1) > random.random((items, 1))).argmax(axis=1)


def measured(test: tuple[Array, Array], validation: tuple[Array, Array], **asked: object) -> Evidence:
    groups = [str(at) for at in range(len(test[1]))]
    return measure_uncertainty(
        {"student": test[0], "teacher": test[0]},
        test[1],
        groups,
        ({"student": validation[0], "teacher": validation[0]}, validation[1]),
        CLASSES,
        UncertaintySettings(**asked),
    )


def test_coverage_size_and_risk_are_those_of_the_test_split() -> None:
    test, validation = split(1), split(2)
    evidence = measured(test, validation, risk=0.2)
    fitted = fit_conformal(validation[0], np.eye(3, dtype=bool)[validation[1]], 0.1)
    sets = fitted.sets(test[0])
    held = sets[np.arange(600), test[1]]
    assert evidence.value("conformal_coverage", "student").value == pytest.approx(held.mean())
    assert evidence.value("conformal_coverage", "student").trials == 600
    assert evidence.value("conformal_coverage/class:b", "student").value == pytest.approx(
        held[test[1] == 1].mean()
    )
    assert evidence.value("conformal_set_size", "student").value == pytest.approx(sets.sum(axis=1).mean())
    confidence, wrong = test[0].max(axis=1), (test[0].argmax(axis=1) != test[1]).astype(float)
    decided = confidence >= evidence.facts["deferral_threshold_student"]
    assert evidence.value("selective_risk", "student").value == pytest.approx(wrong[decided].mean())
    assert evidence.value("deferral_rate", "student").value == pytest.approx(1 - decided.mean())
    assert evidence.value("aurc", "student").value == pytest.approx(
        Selective(confidence, wrong).area(np.ones((1, 600)))[0]
    )
    assert evidence.value("aurc_minus_teacher", "student").value == 0.0


def test_sets_are_refused_for_other_patients_and_the_reason_is_a_fact() -> None:
    evidence = measured(split(1, skill=0.15), split(2))
    assert not any(metric.name.startswith("conformal") for metric in evidence.metrics)
    assert "unlike those of the validation data" in evidence.facts["conformal_refused_student"]


def test_a_risk_that_cannot_be_shown_defers_nothing_and_says_so() -> None:
    evidence = measured(split(1), split(2), risk=0.001)
    assert "selective_risk" not in {metric.name for metric in evidence.metrics}
    assert "no share of 600 validation cases" in evidence.facts["deferral_refused_student"]


def test_a_model_without_a_mistake_is_not_certain_to_make_none() -> None:
    labels = np.arange(600) % 3
    sure = np.eye(3)[labels] * 0.9 + 0.1 / 3
    area = measured((sure, labels), (sure, labels)).value("aurc", "student")
    assert (area.value, area.ci_low) == (0.0, 0.0)
    assert 0 < area.ci_high < 0.02


def test_many_labels_have_no_sets() -> None:
    labels = np.eye(3, dtype=int)[split(1)[1]]
    with pytest.raises(DataError, match="items with several labels"):
        measured((split(1)[0], labels), split(2))
