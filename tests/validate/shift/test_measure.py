"""Gaps between inside and outside, and what a threshold set inside does outside, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from stillroom.validate import ClassificationSettings, spec
from stillroom.validate.comparison import Found
from stillroom.validate.shift.measure import Answered, measure_shift

RANDOM = np.random.default_rng(6)
SETTINGS = ClassificationSettings(classes=("well", "ill"), bootstrap_repeats=200)


def side(name: str, signal: dict[str, float], cases: int = 100, known: bool = True) -> Answered:
    truth = np.arange(cases) % 2
    logits = {
        who: np.stack([np.zeros(cases), of * (2 * truth - 1) + RANDOM.normal(size=cases)], axis=1)
        for who, of in signal.items()
    }
    said = {who: np.exp(of) / np.exp(of).sum(1, keepdims=True) for who, of in logits.items()}
    groups = [f"{name} {number}" for number in range(cases)]
    told = {who: of for who, of in logits.items() if who != "teacher"}
    return Answered(said, told, groups, truth if known else None)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def found() -> Found:
    inside = side("inside", {"teacher": 1.5, "control": 2.0, "student": 2.0})
    outside = side("outside", {"teacher": 1.5, "control": 1.0, "student": 0.1})
    return measure_shift(inside, outside, SETTINGS, deferred=0.1)


@pytest.mark.parametrize("name", ["auroc", "accuracy", "log_loss", "ece"])
def test_a_gap_is_how_much_worse_it_is_outside(found: Found, name: str) -> None:
    inside, outside, gap = (
        found[f"{of}{name}", "", "student"].value for of in ("inside_", "outside_", "shift_gap_")
    )
    sign = 1 if spec(f"inside_{name}").higher_is_better else -1
    assert gap == pytest.approx(sign * (inside - outside))
    assert found[f"extra_shift_gap_{name}", "", "student"].value == pytest.approx(
        gap - found[f"shift_gap_{name}", "", "teacher"].value
    )
    assert f"shift_gap_{name}_minus_control" in {key[0] for key in found}


def test_a_student_that_fails_outside_is_shown_to_and_its_teacher_is_not(found: Found) -> None:
    assert found["shift_gap_auroc", "", "student"].interval()[0] > 0
    assert found["extra_shift_gap_auroc", "", "student"].interval()[0] > 0
    assert (
        found["shift_gap_auroc", "", "teacher"].value < found["shift_gap_auroc", "", "student"].interval()[0]
    )


def test_abstention_leaves_a_share_inside_and_more_outside(found: Found) -> None:
    assert found["shift_deferral_rate", "", "teacher"].value == pytest.approx(0.1, abs=0.1)
    assert found["shift_deferral_rate", "", "student"].interval()[0] > 0.1
    risk = found["shift_selective_risk", "", "student"]
    gain = found["shift_abstention_gain", "", "student"].value
    assert risk.value + gain == pytest.approx(1 - found["outside_accuracy", "", "student"].value)
    assert risk.trials is not None


def test_only_what_answers_with_logits_has_an_energy(found: Found) -> None:
    assert ("ood_auroc", "max_softmax", "teacher") in found
    assert ("ood_auroc", "energy", "teacher") not in found
    assert found["ood_auroc", "max_softmax", "student"].interval()[0] > 0.5


def test_cases_of_other_classes_can_be_noticed_but_not_judged() -> None:
    inside, outside = side("inside", {"student": 3.0}), side("outside", {"student": 0.0}, known=False)
    found = measure_shift(inside, outside, SETTINGS, deferred=0.1)
    names = {name for name, _, _ in found}
    assert names == {"ood_auroc", "ood_fpr95", "shift_deferral_rate"}


def test_figures_are_described(found: Found) -> None:
    assert all(spec(name).description for name, _, _ in found)
