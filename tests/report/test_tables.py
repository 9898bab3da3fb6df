"""The tables hold what was measured, in an order that helps."""

from __future__ import annotations

from stillroom.report.figures import Figures
from stillroom.report.tables import (
    all_figures,
    by_kind,
    by_specialty,
    corpus_rows,
    differences,
    retained,
    units,
    without,
)
from stillroom.types import SUBJECTS, Evidence, Metric


def test_every_overall_measurement_is_in_a_group(evidence: Evidence) -> None:
    shown = {
        metric for rows in all_figures(Figures(evidence)).values() for row in rows for metric in row.metrics
    }
    other = ("_minus_", "retention_", "gap_closed_", "/")
    assert {m for m in evidence.metrics if not any(part in m.name for part in other)} == shown - {None}


def test_specialties_come_by_size_and_none_is_dropped(evidence: Evidence) -> None:
    rows = by_specialty(Figures(evidence), "perplexity")
    assert [units(row) for row in rows] == [96, 71, 44, 33, 21, 7]
    assert all(len(row.metrics) == len(SUBJECTS) for row in rows)


def test_specialties_without_a_figure_are_named(evidence: Evidence) -> None:
    figures = Figures(evidence)
    assert without(figures, "perplexity") == []
    assert set(without(figures, "retention_token_accuracy")) >= {"eye", "ear"}


def test_kinds_have_their_own_table(evidence: Evidence) -> None:
    assert list(by_kind(Figures(evidence))) == ["definition", "synonym", "differential"]


def test_differences_know_which_side_is_better(evidence: Evidence) -> None:
    found = {row.head: row.standing for row in differences(Figures(evidence), "student", "control")}
    assert found["Log-perplexity"] == "shown"
    assert found["Multiple choice"] == "open"


def test_shares_of_the_gap_come_before_ratios(evidence: Evidence) -> None:
    assert list(retained(Figures(evidence), ("control", "student"))) == [
        "Share of the gap from control to teacher",
        "Share of the gap from untrained student to teacher",
        "Share of the teacher's score",
    ]


def test_corpus_counts_are_added_over_specialty_and_difficulty() -> None:
    line = {"split": "test", "kind": "synonym", "specialty": "eye", "difficulty": "basic", "items": 3}
    assert corpus_rows({"counts": [line, line | {"specialty": "ear", "items": 4}]}) == [
        ("synonym", {"test": 7})
    ]


def test_a_language_model_that_was_measured_as_a_classifier_has_those_figures_in_groups_of_their_own() -> (
    None
):
    told = [
        Metric(name, "test", "student", 0.9, 0.8, 0.95, 90, "area", True) for name in ("auroc", "fnr", "ece")
    ]
    groups = all_figures(Figures(Evidence(tuple(told))))
    assert list(groups) == ["Calibration", "Classification: ranking", "Classification: decisions"]
