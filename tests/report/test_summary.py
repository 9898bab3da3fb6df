"""The short table has all five subjects, the paired difference, and only numbers of the evidence."""

from __future__ import annotations

from stillroom.report import summary_rows
from stillroom.types import Evidence, Metric


def test_has_a_column_for_every_subject(evidence: Evidence) -> None:
    head, *rows = summary_rows(evidence)
    assert head == [
        "",
        "Teacher",
        "Untrained student",
        "Control",
        "Student",
        "Bundle",
        "Student minus control",
    ]
    assert {len(row) for row in rows} == {7}


def test_shows_values_and_the_paired_interval(evidence: Evidence) -> None:
    rows = {row[0]: row[1:] for row in summary_rows(evidence)}
    assert rows["Perplexity"] == ["7.42", "2.81 million", "29.8", "25.5", "25.7", "–"]
    assert rows["Log-perplexity"][5] == "−0.156 (−0.191 to −0.121)"
    assert rows["Size on disk"] == ["538 MB", "255 MB", "255 MB", "255 MB", "68.2 MB", "–"]


def test_intervals_on_demand(evidence: Evidence) -> None:
    rows = {row[0]: row[1:] for row in summary_rows(evidence, intervals=True)}
    assert rows["Perplexity"][3] == "25.5 (24.0 to 27.0)"
    assert rows["Parameters"][0] == "134 million"


def test_what_was_not_measured_has_no_row() -> None:
    only = Metric("ece", "test", "student", 0.02, 0.01, 0.03, 90, "probability", False)
    assert summary_rows(Evidence((only,)))[1:] == [
        ["Calibration error (ECE)", "–", "–", "–", "0.020", "–", "–"]
    ]


def test_figures_of_another_split_are_not_mixed_in() -> None:
    other = Metric("ece", "validation", "student", 0.02, 0.01, 0.03, 90, "probability", False)
    assert summary_rows(Evidence((other,)))[1:] == []
