"""The verdict says no more than the intervals do."""

from __future__ import annotations

import pytest

from stillroom.report.figures import Figures
from stillroom.report.verdict import Standing, claims, gates_in_words, headline, standing, worst_gate
from stillroom.types import Evidence, Gate, Metric, Verdict
from stillroom.validate import spec

BETTER, WORSE, OPEN = (-0.3, -0.1), (0.1, 0.3), (-0.1, 0.2)


def metric(name: str, low: float, high: float, subject: str = "student") -> Metric:
    value, unit = (low + high) / 2, spec(name)
    return Metric(name, "test", subject, value, low, high, 200, unit.unit, unit.higher_is_better)  # type: ignore[arg-type]


def compared(perplexity: tuple[float, float], divergence: tuple[float, float]) -> Figures:
    return Figures(
        Evidence(
            (
                metric("log_perplexity_minus_control", *perplexity),
                metric("kl_to_teacher_minus_control", *divergence),
            )
        )
    )


@pytest.mark.parametrize(
    ("perplexity", "divergence", "expected", "words"),
    [
        (BETTER, BETTER, "shown", "learned something from the teacher"),
        (BETTER, OPEN, "open", "not demonstrated"),
        (OPEN, OPEN, "open", "not demonstrated"),
        (BETTER, WORSE, "open", "not demonstrated"),
        (WORSE, WORSE, "against", "did harm"),
    ],
)
def test_both_differences_must_exclude_zero(
    perplexity: tuple[float, float], divergence: tuple[float, float], expected: Standing, words: str
) -> None:
    found, sentence = headline(compared(perplexity, divergence))
    assert found == expected
    assert words in sentence


def test_one_comparison_of_two_is_not_enough_for_a_headline() -> None:
    only = Figures(Evidence((metric("log_perplexity_minus_control", *BETTER),)))
    assert headline(only)[0] == "open"


def test_nothing_compared_is_nothing_claimed() -> None:
    assert headline(Figures(Evidence(())))[0] == "open"
    assert claims(Figures(Evidence(()))) == []


@pytest.mark.parametrize(
    ("name", "low", "high", "expected"),
    [
        ("choice_accuracy_minus_control", 0.01, 0.1, "shown"),
        ("choice_accuracy_minus_control", -0.1, -0.01, "against"),
        ("choice_accuracy_minus_control", -0.1, 0.1, "open"),
        ("choice_accuracy_minus_control", 0.0, 0.1, "open"),
        ("ece_minus_control", -0.1, -0.01, "shown"),
        ("ece_minus_control", 0.01, 0.1, "against"),
    ],
)
def test_zero_on_the_edge_is_open(name: str, low: float, high: float, expected: Standing) -> None:
    assert standing(metric(name, low, high)) == expected


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        ((0.02, 0.1), "Distillation improves multiple choice."),
        ((-0.02, 0.1), "Whether distillation improves multiple choice is open."),
        ((-0.1, -0.02), "Distillation worsens multiple choice."),
    ],
)
def test_a_claim_says_what_its_interval_says(ends: tuple[float, float], words: str) -> None:
    evidence = Evidence(
        (
            metric("choice_accuracy_minus_control", *ends),
            metric("choice_accuracy", 0.3, 0.4),
            metric("choice_accuracy", 0.3, 0.4, "control"),
        )
    )
    (claim,) = claims(Figures(evidence))
    assert words in claim.text


def test_guessing_is_the_bar_for_multiple_choice() -> None:
    evidence = Evidence((metric("choice_above_chance", -0.01, 0.05), metric("choice_accuracy", 0.24, 0.3)))
    (claim,) = claims(Figures(evidence))
    assert claim.standing == "open"
    assert "better than guessing is open" in claim.text


def test_the_worst_gate_decides() -> None:
    def gates(*verdicts: Verdict) -> Figures:
        made = [Gate("g", "ece", "student", "at_most", 0.1, 0.05, 0.06, verdict) for verdict in verdicts]
        return Figures(Evidence((), gates=tuple(made)))

    assert worst_gate(gates("pass", "fail", "not_demonstrated")) == "fail"
    assert worst_gate(gates("pass", "not_demonstrated")) == "not_demonstrated"
    assert worst_gate(gates("pass")) == "pass"
    assert worst_gate(gates()) is None
    assert gates_in_words(gates("pass", "pass", "fail")) == "Gates: 2 passed, 1 failed."
