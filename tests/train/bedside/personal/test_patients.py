from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bedside_cases import made_case
from stillroom.export.onnx.personal.plan import ChangePlan
from stillroom.train.bedside.personal.choose import choose_plan
from stillroom.train.bedside.personal.patients import adapt_all
from stillroom.train.bedside.personal.settings import PersonaliseSettings
from stillroom.types import TrainError
from stillroom.types.cases import Case

PLAN = ChangePlan(changes="bias", least_labels=3, most_shift=1.5, deviation=1.0, shown={})


def stay(number: int, *labels: int) -> list[Case]:
    """One patient, asked every four hours."""
    plain = made_case(number)
    return [
        replace(
            plain,
            id=f"{number}@{4 * at}",
            target=np.asarray(label, dtype=np.int64),
            span=(4.0 * at, 4.0 * at + 4),
        )
        for at, label in enumerate(labels, 1)
    ]


CASES = [
    *stay(0, 1, 1, 1, 1, 1, 1, 1, 1),
    *stay(1, 0, 0, 0, 0, 0, 0, 0, 0),
    *stay(2, 1, -1, -1, -1, -1, 0, 1, 0),
]
RISKS, NONE = np.full(24, 0.3), np.zeros((24, 0))


def test_each_patient_is_adapted_by_their_own_labels_alone() -> None:
    later = adapt_all(CASES, RISKS, NONE, PLAN, first_hours=24)
    assert later.groups == ("patient 0",) * 3 + ("patient 1",) * 3 + ("patient 2",) * 3
    personal = later.risks["personal"].reshape(3, 3)
    assert (personal[0] > 0.5).all()
    assert (personal[1] < 0.3).all()
    assert later.risks["locked"] == pytest.approx(0.3)
    assert personal[2] == pytest.approx(0.3)  # one label is too few
    assert not later.decisions["patient 2"].accepted


def test_labels_after_the_first_hours_change_no_answer() -> None:
    turned = [*stay(0, 1, 1, 1, 1, 1, 0, 0, 0), *CASES[8:]]
    before, after = (adapt_all(of, RISKS, NONE, PLAN, first_hours=24) for of in (CASES, turned))
    assert np.array_equal(before.risks["personal"], after.risks["personal"])


def test_validation_patients_choose_how_far_a_patient_may_lie_from_the_population() -> None:
    settings = PersonaliseSettings(mode="adaptive", first_hours=24, deviations=(0.1, 3.0))
    plan = choose_plan(settings, CASES, RISKS, NONE)
    assert plan is not None
    assert plan.deviation == 3.0
    assert plan.shown["personal_log_loss"] < plan.shown["locked_log_loss"]


def test_without_a_gain_on_validation_patients_there_is_no_plan() -> None:
    turning = [*stay(0, 1, 1, 1, 1, 1, 0, 0, 0), *stay(1, 0, 0, 0, 0, 0, 1, 1, 1)]
    settings = PersonaliseSettings(mode="adaptive", first_hours=24)
    assert choose_plan(settings, turning, RISKS[:16], NONE[:16]) is None


def test_cases_without_hours_are_refused() -> None:
    with pytest.raises(TrainError, match="cases have no hours"):
        adapt_all([made_case(0)], RISKS[:1], NONE[:1], PLAN, first_hours=24)


def test_without_later_hours_there_is_nothing_to_measure() -> None:
    with pytest.raises(TrainError, match="no question from hour 99 on"):
        adapt_all(CASES, RISKS, NONE, PLAN, first_hours=99)
