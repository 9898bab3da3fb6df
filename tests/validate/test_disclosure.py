"""What the evidence does not answer is named."""

from __future__ import annotations

import pytest

from stillroom.types import Evidence, Gate, Metric
from stillroom.validate.disclosure import ITEMS, disclosed


def evidence(*names: str) -> Evidence:
    return Evidence(tuple(Metric(name, "test", "student", 0.5, 0.4, 0.6, 90, "", None) for name in names))


@pytest.mark.parametrize(
    ("name", "item"),
    [
        ("retention_auroc", "what is kept of the teacher"),
        ("auroc_minus_control", "what the teacher added to the labels"),
        ("kept_accuracy", "what compression and export changed"),
        ("ece/sex:f", "calibration"),
        ("subgroup_gap_fnr/sex:f", "a bias audit"),
        ("conformal_coverage", "what is left to people"),
        ("failure_transfer", "why it fails"),
    ],
)
def test_a_figure_answers_its_item_and_no_other(name: str, item: str) -> None:
    assert [found for found, answered in disclosed(evidence(name)).items() if answered] == [item]


def test_an_empty_evidence_answers_nothing() -> None:
    assert set(disclosed(Evidence(()))) > set(ITEMS)
    assert not any(disclosed(Evidence(())).values())


def test_gates_are_rules_set_before() -> None:
    gate = Gate("right", "accuracy", "bundle", "at_least", 0.9, 0.95, 0.92, "pass")
    assert disclosed(Evidence((), gates=(gate,)))["rules set before the measuring"]
