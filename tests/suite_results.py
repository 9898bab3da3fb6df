"""A made result of a suite, worked out by hand."""

from __future__ import annotations

from stillroom.validate.suite.results import Cell, Figure, MethodRow, SuiteResult, TaskRow

METHODS = ("control", "soft", "dist", "hint")
VALUES = {  # of each method in turn; None: not applicable
    "a": (0.80, 0.85, 0.82, 0.81),
    "b": (0.70, 0.72, 0.71, None),
    "c": (0.60, 0.65, 0.61, 0.66),
    "d": (0.50, 0.40, 0.45, 0.55),  # a loss: less is better
}


def cell(task: str, at: int, value: float | None) -> Cell:
    if value is None:
        return Cell(task, METHODS[at], "not_applicable", "the teacher shows no stage")
    difference = value - VALUES[task][0]
    figures = {"figure": Figure(value, value - 0.01, value + 0.01)}
    figures |= {"minus_control": Figure(difference, difference - 0.03, difference + 0.03)} if at else {}
    return Cell(task, METHODS[at], "measured", "", figures, {"1": value, "2": value}, 1.5)


def made_result() -> SuiteResult:
    """Three methods beside the control on four tasks, one of which one method cannot honour; a fifth is absent."""
    tasks = [
        TaskRow(
            name=name,
            area="made",
            figure="log_loss" if name == "d" else "auroc",
            unit="nats" if name == "d" else "area",
            higher_is_better=name != "d",
            shares="",
            state="measured",
            items={"train": 80, "validation": 10, "test": 20, "groups": 15},
            teacher="trees × 5",
            student="mlp",
            sizes={
                "teacher_bytes": 2e6,
                "student_parameters": 1200,
                "student_bytes": 1e4,
                "answer_ms": 0.1,
                "answer_ms_p95": 0.2,
                "answer_joules_estimated": 0.0003,
            },
            teacher_figure=Figure(0.9, 0.8, 0.95),
            fingerprint="0" * 64,
        )
        for name in VALUES
    ]
    absent = TaskRow("e", "made", "auroc", "", True, "", "absent", "no folder e")
    cells = [cell(task, at, value) for task, values in VALUES.items() for at, value in enumerate(values)]
    cells += [Cell("e", method, "absent", "no folder e") for method in METHODS]
    rules = {"name": "Made", "version": "1.0.0", "fingerprint": "f" * 64, "profile": "small"}
    return SuiteResult(
        suite={**rules, "seeds": [1, 2], "repeats": 300, "reporting": ["Nothing was tuned."]},
        made={"date": "2026-11-29", "machine": {"cores": 2}, "software": {}, "student_seconds": 20.0},
        control="control",
        tasks=(*tasks, absent),
        methods=tuple(MethodRow(name, f"{name} <b>", "what", "paper") for name in METHODS),
        cells=tuple(cells),
    )
