"""The short table: for the terminal and for the model card."""

from __future__ import annotations

from stillroom.report.figures import Figures
from stillroom.report.format import DASH, bare, show
from stillroom.report.names import SUBJECT_NAMES, SUMMARY, metric_name
from stillroom.types import SUBJECTS, Evidence, Metric, Subject


def summary_rows(evidence: Evidence, *, intervals: bool = False) -> list[list[str]]:
    """Tabulate the main figures of all subjects.

    Args:
        evidence: what was measured.
        intervals: write the 95 % intervals too.

    Returns:
        Rows of text of equal length, the head first: name of the figure, a column for each of the five subjects,
        and the paired difference of student and control with its interval.
    """
    figures = Figures(evidence)
    head = ["", *(SUBJECT_NAMES[subject] for subject in SUBJECTS), "Student minus control"]
    return [head] + [
        [
            metric_name(name),
            *(_told(metric, intervals=intervals) for metric in figures.row(name)),
            _told(figures.get(f"{name}_minus_control", "student"), intervals=True),
        ]
        for name in figures.measured(SUMMARY)
    ]


def subject_rows(evidence: Evidence, subject: Subject) -> list[list[str]]:
    """Tabulate the main figures of one subject: name, value, 95 % interval; the head first."""
    figures = Figures(evidence)
    found = [figures.get(name, subject) for name in figures.measured(SUMMARY, [subject])]
    rows = [
        [metric_name(m.name), show(m), DASH if m.ci_low is None else f"{bare(m, 'low')} to {bare(m, 'high')}"]
        for m in found
        if m
    ]
    return [["", SUBJECT_NAMES[subject], "95 % interval"], *rows]


def _told(metric: Metric | None, *, intervals: bool) -> str:
    if metric is None:
        return DASH
    if not intervals or metric.ci_low is None:
        return show(metric)
    return f"{show(metric)} ({bare(metric, 'low')} to {bare(metric, 'high')})"
