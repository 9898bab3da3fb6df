"""The fairness of several subjects, on tables made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from stillroom.types import Example, Subject
from stillroom.validate.fairness.measure import measure_fairness
from stillroom.validate.fairness.settings import FairnessSettings
from stillroom.validate.tables import Table


def item(number: int) -> Example:
    specialty = "rare" if number < 4 else ("eye" if number % 2 else "ear")
    return Example(f"i{number}", "What?", "This.", "term", specialty, "basic", f"g{number}")


ITEMS = [item(number) for number in range(84)]
RARE = np.array([example.specialty == "rare" for example in ITEMS])
EYE = np.array([example.specialty == "eye" for example in ITEMS])


def table(right: np.ndarray) -> list[Table]:
    return [Table("choice_accuracy", np.stack([right, np.ones(84)], axis=1))]


def measured(**right: np.ndarray):
    tables: dict[Subject, list[Table]] = {who: table(of) for who, of in right.items()}  # type: ignore[misc]
    return measure_fairness(tables, ITEMS, FairnessSettings(), 200, 0)


def test_amplification_is_the_students_gap_minus_the_teachers() -> None:
    teacher, student = np.ones(84), np.where(EYE, 0.0, 1.0)
    found, _ = measured(teacher=teacher, student=student)
    eye = "specialty:eye"
    assert found["subgroup_gap_choice_accuracy", eye, "teacher"].value == 0.0
    assert found["subgroup_gap_choice_accuracy", eye, "student"].value == pytest.approx(1.0)
    assert found["amplification_choice_accuracy", eye, "student"].value == pytest.approx(1.0)
    assert ("amplification_choice_accuracy", eye, "teacher") not in found


def test_a_gap_that_student_and_teacher_share_is_not_amplified_and_has_no_spread() -> None:
    random = np.random.default_rng(0)
    right = (random.random(84) < np.where(EYE, 0.3, 0.8)).astype(float)
    found, _ = measured(teacher=right, student=right)
    amplified = found["amplification_choice_accuracy", "specialty:eye", "student"]
    assert amplified.interval() == (0.0, 0.0)
    assert found["subgroup_gap_choice_accuracy", "specialty:eye", "student"].interval()[0] > 0


def test_a_small_subgroup_is_told_with_its_units_but_is_never_the_worst() -> None:
    found, facts = measured(student=np.where(RARE, 0.0, np.where(EYE, 0.5, 1.0)))
    assert found["subgroup_choice_accuracy", "specialty:rare", "student"].units == 4
    assert facts["worst_subgroup_choice_accuracy/specialty/student"] == "eye"
    assert found["worst_subgroup_choice_accuracy", "specialty", "student"].value == pytest.approx(0.5)


def test_an_attribute_of_one_value_has_no_subgroups() -> None:
    found, _ = measured(student=np.ones(84))
    assert not any(part.startswith("kind") for _, part, _ in found)


def test_the_untrained_student_is_left_out() -> None:
    found, _ = measured(student_untrained=np.ones(84))
    assert not found
