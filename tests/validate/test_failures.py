"""Each failure has the cause that the four answers to it show."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from stillroom.types import DataError
from stillroom.validate.failures import causes, measure_failures
from stillroom.validate.statistics.exact import clopper_pearson

WAYS = np.array(list(product([0.0, 1.0], repeat=4)))
STUDENT, TEACHER, CONTROL, PROBE = WAYS.T


def test_every_combination_of_answers_has_one_cause() -> None:
    for found, (student, teacher, control, probe) in zip(
        causes(STUDENT, TEACHER, control=CONTROL, probe=PROBE), WAYS, strict=True
    ):
        if student:
            assert found == ""
        elif not teacher:
            assert found == "teacher_lacked_it"
        else:
            assert found == ("transfer" if control or probe else "capacity")


def test_without_a_probe_capacity_is_not_claimed() -> None:
    found = causes(STUDENT, TEACHER, control=CONTROL)
    assert set(found) == {"", "teacher_lacked_it", "transfer", "undecided"}
    assert set(causes(STUDENT, TEACHER)) == {"", "teacher_lacked_it", "undecided"}


def test_shares_are_of_the_students_failures_and_exact() -> None:
    groups = [str(at) for at in range(16)]
    evidence = measure_failures(STUDENT, TEACHER, groups, control=CONTROL, probe=PROBE, repeats=100)
    expected = {"teacher_lacked_it": 4, "transfer": 3, "capacity": 1, "undecided": 0}
    for cause, many in expected.items():
        found = evidence.value(f"failure_{cause}", "student")
        assert (found.value, found.n) == (many / 8, 8)
        assert (found.ci_low, found.ci_high) == pytest.approx(clopper_pearson(many, 8))


@pytest.mark.parametrize("teacher", [np.ones(3), np.full(16, 0.5)])
def test_answers_are_right_or_wrong_and_of_the_same_items(teacher: np.ndarray) -> None:
    with pytest.raises(DataError, match="values other than 0 and 1"):
        causes(STUDENT, teacher)
