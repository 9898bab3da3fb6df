"""Any task is measured beside teacher and control, by patient and subgroup."""

from __future__ import annotations

import numpy as np
import pytest

from stillroom.types import DataError
from stillroom.validate.tasks.measure import measure_summed, measure_summed_over_seeds
from stillroom.validate.tasks.regression import regression

RANDOM = np.random.default_rng(0)
TRUTH = RANDOM.normal(5, 2, size=120)
ERRORS = {"teacher": 0.5, "student_untrained": 3.0, "control": 1.5, "student": 0.8}
NOISE = RANDOM.normal(size=120)
MEASURES = {subject: regression(TRUTH + size * NOISE, TRUTH) for subject, size in ERRORS.items()}
GROUPS = [f"patient {at // 2}" for at in range(120)]


def test_the_student_is_set_beside_everyone() -> None:
    evidence = measure_summed(MEASURES, GROUPS, repeats=200)
    mae = {subject: size * np.abs(NOISE).mean() for subject, size in ERRORS.items()}
    student = evidence.value("mae", "student")
    assert (student.value, student.n) == (pytest.approx(mae["student"]), 60)
    assert evidence.value("mae_minus_control", "student").value == pytest.approx(-0.7 * np.abs(NOISE).mean())
    assert evidence.value("gap_closed_mae", "student").value == pytest.approx(2.2 / 2.5)


def test_subgroups_are_parts() -> None:
    wards = ["icu" if at % 3 else "er" for at in range(120)]
    evidence = measure_summed(MEASURES, GROUPS, subgroups={"ward": wards}, repeats=100)
    inside = np.array(wards) == "er"
    assert evidence.value("rmse/ward:er", "control").value == pytest.approx(
        np.sqrt(((1.5 * NOISE[inside]) ** 2).mean())
    )


def test_subgroups_and_the_unit_of_the_target_are_told_over_trainings() -> None:
    wards, other = ["icu", "er"] * 60, {**MEASURES, "student": regression(TRUTH + 1.2 * NOISE, TRUTH)}
    evidence = measure_summed_over_seeds(
        {1: MEASURES, 2: other}, GROUPS, told=("mae",), subgroups={"ward": wards}, repeats=100, unit="days"
    )
    size = np.abs(NOISE[1::2]).mean()
    assert evidence.value("mae/ward:er", "student").value == pytest.approx(1.0 * size)
    assert {name: evidence.value(name, "student").unit for name in ("mae/seed:2", "rmse", "r2")} == {
        "mae/seed:2": "days",
        "rmse": "days",
        "r2": "share of variance",
    }


def test_every_item_has_a_group() -> None:
    with pytest.raises(DataError, match="3 entries of groups for 120 items"):
        measure_summed(MEASURES, GROUPS[:3])


def test_trainings_are_averaged_and_told_apart() -> None:
    other = {**MEASURES, "student": regression(TRUTH + 1.2 * NOISE, TRUTH)}
    evidence = measure_summed_over_seeds({1: MEASURES, 2: other}, GROUPS, told=("mae",), repeats=200)
    size = np.abs(NOISE).mean()
    assert evidence.value("mae", "student").value == pytest.approx(1.0 * size)
    assert evidence.value("mae/seed:2", "student").value == pytest.approx(1.2 * size)
    assert evidence.value("mae_minus_control", "student").value == pytest.approx(-0.5 * size)
    assert (evidence.facts or {})["mae_seed_deviation_student"] == pytest.approx(0.4 * size / np.sqrt(2))
