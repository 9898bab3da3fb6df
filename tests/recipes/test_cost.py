"""What a run says an answer costs: sources named, units right, and no break-even where nothing is saved."""

from __future__ import annotations

import pytest

from stillroom.recipes.cost import _made
from stillroom.types import Metric, Subject
from stillroom.types.cores import cores
from stillroom.validate.efficiency.energy import WATTS_PER_CORE
from stillroom.validate.efficiency.settings import EfficiencySettings

HOUR: dict[Subject, float] = {"teacher": 0.0, "student": 3600.0}


def answers(teacher: float, student: float) -> dict[Subject, Metric]:
    values: dict[Subject, float] = {"teacher": teacher, "student": student, "bundle": student / 2}
    return {
        subject: Metric("answer_joules", "", subject, value, 0.9 * value, 1.1 * value, 5, "J", False)
        for subject, value in values.items()
    }


def made(teacher: float, student: float, watts: float = 100.0) -> dict[tuple[str, Subject], Metric]:
    settings = EfficiencySettings(processor_watts=watts, grid_grams_per_kwh=500.0)
    found = _made(HOUR, answers(teacher, student), settings)
    return {(metric.name, metric.subject): metric for metric in found}


def test_an_hour_at_100_watts_is_a_tenth_of_a_kilowatt_hour() -> None:
    found = made(10.0, 4.0)
    assert found["making_joules", "student"].value == pytest.approx(360_000)
    assert found["making_co2_g", "student"].value == pytest.approx(50.0)
    assert ("making_joules", "teacher") not in found  # used as it is: nothing was spent


def test_the_break_even_and_its_interval_from_the_worse_and_the_better_ends() -> None:
    found = made(10.0, 4.0)["break_even_answers", "student"]
    assert found.value == pytest.approx(360_000 / 6)
    assert found.ci_low == pytest.approx(360_000 / (11 - 3.6))
    assert found.ci_high == pytest.approx(360_000 / (9 - 4.4))


@pytest.mark.parametrize("student", [12.0, 9.5])
def test_a_saving_that_may_be_none_has_no_break_even(student: float) -> None:
    assert ("break_even_answers", "student") not in made(10.0, student)


def test_without_a_figure_of_the_processor_each_core_counts() -> None:
    settings = EfficiencySettings()
    (joules, *_) = _made(HOUR, answers(10.0, 4.0), settings)
    assert joules.value == pytest.approx(WATTS_PER_CORE * cores() * 3600)
