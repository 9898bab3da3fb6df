"""What nothing could meet ends as infeasible, with its threshold unchanged."""

from __future__ import annotations

import pytest

from stillroom.types import Evidence, Metric
from stillroom.validate import GateSettings, judge, outcome
from stillroom.validate.gates.feasible import infeasible
from stillroom.validate.gates.settings import CeilingSettings, Direction

REACH = CeilingSettings(
    metric="accuracy", best=0.63, because="the teacher's accuracy under a budget of epsilon 4"
)
PERFECT = Evidence(
    tuple(
        Metric(name, "test", "student", value, value, value, 999, "proportion", None)
        for name, value in (("accuracy", 1.0), ("fnr", 0.0), ("sensitivity", 1.0), ("log_loss", 0.1))
    )
)


def gate(metric: str, direction: Direction, threshold: float, name: str = "") -> GateSettings:
    return GateSettings(
        name=name or f"{metric} {direction} {threshold}",
        metric=metric,
        subject="student",
        threshold=threshold,
        direction=direction,
    )


def test_rules_that_exclude_each_other_are_both_infeasible() -> None:
    gates = judge(PERFECT, [gate("accuracy", "at_least", 0.9), gate("accuracy", "at_most", 0.8, "low")]).gates
    assert [found.verdict for found in gates] == ["infeasible", "infeasible"]
    assert gates[0].note == "no value meets both this and 'low' (at most 0.8)"
    assert gates[0].threshold == 0.9
    assert outcome(gates) == "infeasible"


def test_a_rate_and_its_complement_exclude_each_other_too() -> None:
    asked = [gate("sensitivity", "at_most", 0.9), gate("fnr", "at_most", 0.05)]
    assert set(infeasible(asked, ())) == set(asked)


@pytest.mark.parametrize(
    "asked",
    [
        [gate("accuracy", "at_least", 0.8), gate("accuracy", "at_most", 0.9)],
        [gate("accuracy", "at_least", 0.9), gate("accuracy", "at_least", 0.8)],
        [gate("accuracy", "at_least", 0.9), gate("accuracy", "at_most", 0.9)],
        [gate("sensitivity", "at_least", 0.95), gate("fnr", "at_most", 0.02)],
        [gate("accuracy", "at_least", 0.9), gate("accuracy/sex:f", "at_most", 0.8)],
    ],
)
def test_rules_that_go_together_do_not(asked: list[GateSettings]) -> None:
    assert infeasible(asked, ()) == {}


def test_what_is_known_to_be_out_of_reach_is_infeasible_however_good_the_figure() -> None:
    (found,) = judge(PERFECT, [gate("accuracy", "at_least", 0.95)], ceilings=[REACH]).gates
    assert found.verdict == "infeasible"
    assert found.note == "at best 0.63 is within reach: the teacher's accuracy under a budget of epsilon 4"


def test_a_ceiling_leaves_other_rules_alone() -> None:
    asked = [
        gate("accuracy", "at_least", 0.6),
        gate("accuracy", "at_most", 0.99),
        gate("fnr", "at_most", 0.02),
    ]
    assert infeasible(asked, [REACH]) == {}


def test_of_a_loss_the_best_is_the_least() -> None:
    floor = CeilingSettings(metric="log_loss", best=0.3, because="noise in the labels")
    assert infeasible([gate("log_loss", "at_most", 0.2)], [floor])
    assert not infeasible([gate("log_loss", "at_most", 0.4)], [floor])
