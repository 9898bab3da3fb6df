"""What one method comes to on one task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stillroom.types import Evidence, Metric, Subject
from stillroom.validate.suite.results import Figure

FIGURE, MINUS_CONTROL = "figure", "minus_control"
MEMBERSHIP = "membership_auc"
_BESIDE = {
    "log_loss": "log_loss",
    "ece": "ece",
    "accuracy": "accuracy",
    MEMBERSHIP: f"{MEMBERSHIP}/loss_threshold",
}
"""Told beside the task's own figure where they are measured."""


@dataclass(frozen=True, slots=True)
class Found:
    """The figures of a run of the suite.

    Attributes:
        figures: of the student, by name.
        control: of the control, by name.
        teacher: the task's figure of the teacher.
        by_seed: the student's figure of each training.
        control_by_seed: the control's.
        unit: of the task's figure.
        higher_is_better: its direction.
        facts: about task, teacher and student.
    """

    figures: Mapping[str, Figure]
    control: Mapping[str, Figure]
    teacher: Figure | None
    by_seed: Mapping[str, float]
    control_by_seed: Mapping[str, float]
    unit: str
    higher_is_better: bool
    facts: Mapping[str, Any]


def found_of(evidence: Evidence, figure: str, seeds: Sequence[int], facts: Mapping[str, Any]) -> Found:
    """Pick what the suite tells from the evidence of a run.

    Raises:
        KeyError: the evidence lacks the figure.
    """
    main = evidence.value(figure, "student")
    return Found(
        figures=_figures(evidence, figure, "student"),
        control=_figures(evidence, figure, "control"),
        teacher=_figure(evidence, figure, "teacher"),
        by_seed=_by_seed(evidence, figure, "student", seeds),
        control_by_seed=_by_seed(evidence, figure, "control", seeds),
        unit=main.unit,
        higher_is_better=main.higher_is_better is not False,
        facts=facts,
    )


def _figures(evidence: Evidence, figure: str, subject: Subject) -> dict[str, Figure]:
    names = {
        FIGURE: figure,
        MINUS_CONTROL: f"{figure}_minus_control",
        "minus_teacher": f"{figure}_minus_teacher",
        "retention": f"retention_{figure}",
        **_BESIDE,
    }
    picked = {name: _figure(evidence, of, subject) for name, of in names.items()}
    return {name: of for name, of in picked.items() if of is not None}


def _figure(evidence: Evidence, name: str, subject: Subject) -> Figure | None:
    metric = _metric(evidence, name, subject)
    return None if metric is None else Figure(metric.value, metric.ci_low, metric.ci_high)


def _metric(evidence: Evidence, name: str, subject: Subject) -> Metric | None:
    try:
        return evidence.value(name, subject)
    except KeyError:
        return None


def _by_seed(evidence: Evidence, figure: str, subject: Subject, seeds: Sequence[int]) -> dict[str, float]:
    """Of one training, which has no parts by seed, its own figure."""
    if len(seeds) == 1:
        return {str(seeds[0]): evidence.value(figure, subject).value}
    metrics = {seed: _metric(evidence, f"{figure}/seed:{seed}", subject) for seed in seeds}
    return {str(seed): metric.value for seed, metric in metrics.items() if metric is not None}
