"""Retention in full: hand values, and what is left out because it has no bounds."""

from __future__ import annotations

import numpy as np
import pytest

from stillroom.types import Subject
from stillroom.validate.retention import gap_closed, ratio, retention
from stillroom.validate.statistics.bootstrap import Estimate
from stillroom.validate.tables import Key


def sharp(value: float, spread: float = 0.001) -> Estimate:
    return Estimate(value, value + spread * np.linspace(-1, 1, 201), units=100)


def found(name: str, part: str = "", **values: float) -> dict[Key, Estimate]:
    subjects: dict[str, Subject] = {
        "teacher": "teacher",
        "untrained": "student_untrained",
        "control": "control",
        "student": "student",
        "bundle": "bundle",
    }
    return {(name, part, subjects[who]): sharp(value) for who, value in values.items()}


ALL = {"teacher": 0.8, "untrained": 0.2, "control": 0.4, "student": 0.5, "bundle": 0.5}


def test_ratio_and_gap_by_hand() -> None:
    figures = retention(found("token_accuracy", **ALL))
    assert figures["retention_token_accuracy", "", "student"].value == pytest.approx(0.5 / 0.8)
    assert figures["gap_closed_token_accuracy", "", "student"].value == pytest.approx(0.3 / 0.6)
    assert figures["gap_closed_token_accuracy", "", "control"].value == pytest.approx(0.2 / 0.6)


def test_the_untrained_student_is_shown_too() -> None:
    figures = retention(found("token_accuracy", **ALL))
    assert figures["retention_token_accuracy", "", "student_untrained"].value == pytest.approx(0.25)
    assert ("gap_closed_token_accuracy", "", "student_untrained") not in figures


def test_less_is_better_needs_no_other_formula() -> None:
    figures = retention(
        found("log_perplexity", teacher=2.0, untrained=10.0, control=3.4, student=3.2, bundle=3.3)
    )
    assert figures["control_gap_closed_log_perplexity", "", "student"].value == pytest.approx(0.2 / 1.4)
    assert figures["control_gap_closed_log_perplexity", "", "bundle"].value == pytest.approx(0.1 / 1.4)
    assert figures["gap_closed_log_perplexity", "", "student"].value == pytest.approx(6.8 / 8.0)
    assert not any(name == "retention_log_perplexity" for name, _, _ in figures)


def test_chance_is_taken_off_before_the_ratio() -> None:
    figures = retention(found("choice_above_chance", teacher=0.5, untrained=0.05, control=0.2, student=0.25))
    assert figures["retention_choice_above_chance", "", "student"].value == pytest.approx(0.5)


def test_mean_of_ratios_is_not_ratio_of_means() -> None:
    choices = (
        found("choice_accuracy", "", teacher=0.6, student=0.4)
        | found("choice_accuracy", "easy", teacher=0.8, student=0.4)
        | found("choice_accuracy", "hard", teacher=0.4, student=0.4)
        | found("choice_accuracy", "specialty:heart", teacher=0.1, student=0.4)
    )
    figures = retention(choices)
    assert figures["retention_choice_mean_of_ratios", "", "student"].value == pytest.approx((0.5 + 1.0) / 2)
    assert figures["retention_choice_ratio_of_means", "", "student"].value == pytest.approx(0.4 / 0.6)
    assert figures["retention_choice_accuracy", "easy", "student"].value == pytest.approx(0.5)
    assert figures["retention_choice_accuracy", "specialty:heart", "student"].value == pytest.approx(4.0)


def test_a_specialty_has_its_own_gap_and_none_where_there_is_nothing_to_close() -> None:
    figures = retention(
        found("log_perplexity", "specialty:eye", teacher=2.0, untrained=10.0, control=4.0, student=3.0)
        | found("log_perplexity", "specialty:ear", teacher=2.0, untrained=10.0, control=2.0, student=3.0)
    )
    name = "control_gap_closed_log_perplexity"
    assert figures[name, "specialty:eye", "student"].value == pytest.approx(0.5)
    assert (name, "specialty:ear", "student") not in figures


def test_no_ratio_over_a_difference_that_may_be_zero() -> None:
    wide = Estimate(0.1, np.linspace(-0.2, 0.4, 100), 50)
    assert ratio(sharp(0.5), wide) is None
    assert gap_closed(sharp(0.5), sharp(0.4, spread=0.0), sharp(0.4, spread=0.0)) is None


def test_without_a_teacher_there_is_nothing_to_retain() -> None:
    assert retention(found("token_accuracy", untrained=0.2, student=0.5)) == {}


def test_the_interval_is_paired() -> None:
    common = np.random.default_rng(0).normal(size=500)
    teacher, student = Estimate(2.0, 2 + common, 90), Estimate(3.0, 3 + common, 90)
    untrained = Estimate(6.0, 6 + common, 90)
    low, high = (gap_closed(student, untrained, teacher) or sharp(0)).interval()
    assert (low, high) == (pytest.approx(0.75), pytest.approx(0.75))
