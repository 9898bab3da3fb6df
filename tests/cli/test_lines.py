from __future__ import annotations

import pytest

from stillroom.cli.lines import Lines

STEP = {
    "loss": 1.2361,
    "forward_kl": 0.8469,
    "cross_entropy": 0.3892,
    "attention_kl": 0.1239,
    "learning_rate": 1e-3,
}


@pytest.fixture
def told() -> tuple[Lines, list[str], list[float]]:
    """Lines, what they wrote, and a clock that is set by hand."""
    lines: list[str] = []
    now = [0.0]
    return Lines(lines.append, lambda: now[0]), lines, now


def test_lines_come_every_ten_seconds_and_at_the_end(told) -> None:
    progress, lines, now = told
    for step in range(0, 101, 10):
        progress("distil", step, 100, {"loss": 2.0 - step / 100, "kl": 0.5})
        now[0] += 4.0
    assert lines == [
        "distil 30/100 | Loss: 1.700 | kl: 0.500 | 0:00:28 left",
        "distil 60/100 | Loss: 1.400 | kl: 0.500 | 0:00:16 left",
        "distil 90/100 | Loss: 1.100 | kl: 0.500 | 0:00:04 left",
        "distil 100/100 | Loss: 1.000 | kl: 0.500",
    ]


def test_a_training_step_tells_its_terms_rate_and_speed(told) -> None:
    progress, lines, _ = told
    progress("student", 50000, 50000, {**STEP, "tokens_per_second": 1990.4})
    assert lines == [
        "student: Step 50000/50000 | Loss: 1.236 | KL: 0.847 | CE: 0.389 | Attn: 0.124 | LR: 0.001 | 1,990 tok/s"
    ]


def test_evaluations_and_skipped_steps_are_told_at_once(told) -> None:
    progress, lines, _ = told
    progress("student", 1, 9, STEP)
    progress("student", 2, 9, {**STEP, "validation_cross_entropy": 2.5})
    progress("student", 3, 9, {"skipped": 1.0, "learning_rate": 1e-3})
    progress("student", 4, 9, STEP)
    assert lines == [
        "student: Step 2/9 | Loss: 1.236 | KL: 0.847 | CE: 0.389 | Attn: 0.124 | LR: 0.001 | Val CE: 2.500",
        "student: Step 3/9 | skipped: not finite | LR: 0.001",
    ]


def test_the_time_left_of_a_resumed_task_counts_from_where_it_went_on(told) -> None:
    progress, lines, now = told
    progress("distil", 80, 100)
    now[0] = 10.0
    progress("distil", 90, 100)
    assert lines == ["distil 90/100 | 0:00:10 left"]
