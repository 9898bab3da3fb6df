"""A gate passes on the whole interval, fails on the whole interval, and else is not demonstrated."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from stillroom.types import Evidence, GateError, Metric, Verdict
from stillroom.validate import GateSettings, exact, judge
from stillroom.validate.settings import Direction


def gate(direction: Direction, threshold: float, metric: str = "choice_accuracy") -> GateSettings:
    return GateSettings(
        name="good enough", metric=metric, subject="student", threshold=threshold, direction=direction
    )


def evidence(low: float, high: float, n: int = 200) -> Evidence:
    value = (low + high) / 2
    return Evidence((Metric("choice_accuracy", "test", "student", value, low, high, n, "proportion", True),))


@pytest.mark.parametrize(
    ("direction", "threshold", "verdict", "bound"),
    [
        ("at_least", 0.50, "pass", 0.6),
        ("at_least", 0.60, "pass", 0.6),
        ("at_least", 0.65, "not_demonstrated", 0.6),
        ("at_least", 0.80, "fail", 0.6),
        ("at_most", 0.80, "pass", 0.7),
        ("at_most", 0.70, "pass", 0.7),
        ("at_most", 0.65, "not_demonstrated", 0.7),
        ("at_most", 0.50, "fail", 0.7),
    ],
)
def test_the_worse_end_decides(
    direction: Direction, threshold: float, verdict: Verdict, bound: float
) -> None:
    (found,) = judge(evidence(0.6, 0.7), [gate(direction, threshold)]).gates
    assert (found.verdict, found.bound, found.threshold) == (verdict, bound, threshold)
    assert (found.subject, found.direction, found.metric) == ("student", direction, "choice_accuracy")


def test_one_unit_demonstrates_nothing() -> None:
    assert judge(evidence(1.0, 1.0, n=1), [gate("at_least", 0.5)]).gates[0].verdict == "not_demonstrated"


def test_an_exact_figure_is_its_own_bound() -> None:
    small = Evidence((exact("bytes_on_disk", "student", 100),))
    assert judge(small, [gate("at_most", 120, "bytes_on_disk")]).gates[0].verdict == "pass"
    assert judge(small, [gate("at_most", 80, "bytes_on_disk")]).gates[0].verdict == "fail"


def test_a_figure_that_was_not_measured_is_an_error() -> None:
    with pytest.raises(GateError, match="needs choice_accuracy of student, which was not measured"):
        judge(Evidence(()), [gate("at_least", 0.5)])


def test_figures_of_another_split_do_not_count() -> None:
    with pytest.raises(GateError):
        judge(evidence(0.6, 0.7), [gate("at_least", 0.5)], split="validation")


def test_earlier_verdicts_are_kept() -> None:
    once = judge(evidence(0.6, 0.7), [gate("at_least", 0.5)])
    assert len(judge(once, [gate("at_most", 0.9)]).gates) == 2


def test_a_misspelt_metric_is_refused_when_the_recipe_is_read() -> None:
    with pytest.raises(ValidationError, match="did you mean 'choice_accuracy'"):
        gate("at_least", 0.5, "choice_acuracy")


def test_a_part_of_the_split_may_be_gated() -> None:
    assert gate("at_least", 0.5, "choice_accuracy/definition").metric == "choice_accuracy/definition"
