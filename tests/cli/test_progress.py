from __future__ import annotations

import io

from rich.console import Console

from stillroom.cli.progress import Lines, shown_progress


def test_lines_come_every_ten_seconds_and_at_the_end() -> None:
    lines: list[str] = []
    now = [0.0]
    progress = Lines(lines.append, lambda: now[0])
    for step in range(0, 101, 10):
        progress("distil", step, 100, {"loss": 2.0 - step / 100, "kl": 0.5})
        now[0] += 4.0
    assert lines == [
        "distil 30/100 | loss 1.7 | kl 0.5 | 0:00:28 left",
        "distil 60/100 | loss 1.4 | kl 0.5 | 0:00:16 left",
        "distil 90/100 | loss 1.1 | kl 0.5 | 0:00:04 left",
        "distil 100/100 | loss 1 | kl 0.5",
    ]


def test_the_time_left_of_a_resumed_task_counts_from_where_it_went_on() -> None:
    lines: list[str] = []
    now = [0.0]
    progress = Lines(lines.append, lambda: now[0])
    progress("distil", 80, 100)
    now[0] = 10.0
    progress("distil", 90, 100)
    assert lines == ["distil 90/100 | 0:00:10 left"]


def test_without_a_terminal_plain_lines_are_written() -> None:
    text = io.StringIO()
    with shown_progress(Console(file=text, width=40)) as progress:
        progress("[teach]", 2, 2, {"loss": 1.0})
    assert text.getvalue() == "[teach] 2/2 | loss 1\n"


def test_a_terminal_shows_a_bar_for_each_task() -> None:
    text = io.StringIO()
    with shown_progress(Console(file=text, width=120, force_terminal=True, color_system=None)) as progress:
        progress("[teach]", 1, 2)
        progress("[teach]", 2, 2, {"loss": 1.0})
        progress("distil", 1, 4)
    shown = text.getvalue()
    assert "[teach]" in shown
    assert "2/2" in shown
    assert "loss 1" in shown
    assert "1/4" in shown
