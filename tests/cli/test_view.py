from __future__ import annotations

import io

import pytest
from rich.console import Console
from rich.text import Text

from stillroom.cli.view import View

STEP = {
    "loss": 2.5,
    "forward_kl": 1.5,
    "temperature": 4.0,
    "learning_rate": 1e-3,
    "tokens_per_second": 1234.0,
    "device_memory_bytes": 3.0 * 2**30,
}


@pytest.fixture
def said() -> list[Text]:
    """Lines that stay."""
    return []


@pytest.fixture
def view(said: list[Text]) -> View:
    return View(lambda: 5 * 2**29, said.append)


def drawn(view: View, width: int = 110) -> str:
    text = io.StringIO()
    Console(file=text, width=width, force_terminal=True, color_system=None).print(view)
    return text.getvalue()


def test_each_task_has_a_bar(view: View) -> None:
    view("[teach]", 2, 2, {"loss": 1.0, "learning_rate": 1e-3})
    view("signals", 100, 400, {"tokens_per_second": 990.0})
    shown = drawn(view)
    assert "[teach]" in shown
    assert "2/2" in shown
    assert "Loss: 1.000" in shown
    assert "100/400" in shown
    assert "990 tok/s" in shown
    assert "╭" not in shown


@pytest.mark.parametrize("width", [70, 110])
def test_a_training_shows_its_figures_and_a_curve(view: View, width: int) -> None:
    for step in range(1, 40):
        view("student", step, 50, {**STEP, "loss": 10.0 / step})
    view("student", 40, 50, {**STEP, "validation_cross_entropy": 3.25})
    view("student", 41, 50, STEP)
    shown = drawn(view, width)
    assert "student · step 41 of 50" in shown
    for label, value in (
        ("Loss", "2.500"),
        ("KL", "1.500"),
        ("τ", "4"),
        ("LR", "0.001"),
        ("tok/s", "1,234"),
        ("Val CE", "3.250"),
        ("GPU", "3.00 GiB"),
        ("Memory", "2.50 GiB"),
    ):
        assert any(label in line and value in line for line in shown.splitlines()), label
    assert sum(0x2800 < ord(character) < 0x2900 for character in shown) > 10
    assert max(map(len, shown.splitlines())) <= width


def test_a_skipped_step_is_counted_and_told_in_a_line_that_stays(view: View, said: list[Text]) -> None:
    view("student", 1, 9, STEP)
    view("student", 2, 9, {"skipped": 1.0, "learning_rate": 1e-3})
    view("student", 3, 9, STEP)
    assert [line.plain for line in said] == [
        "student: step 2 was left out, its loss or gradient is not finite"
    ]
    assert any("skipped" in line and " 1 " in line for line in drawn(view).splitlines())


def test_the_figures_go_when_the_training_is_over_or_another_task_begins(view: View) -> None:
    view("student", 8, 9, STEP)
    assert "step 8 of 9" in drawn(view)
    view("student", 9, 9, STEP)
    assert "step" not in drawn(view)
    view("control", 1, 9, STEP)
    view("validate", 1, 3)
    assert "step" not in drawn(view)


def test_a_training_that_went_on_after_a_kill_begins_where_it_is(view: View) -> None:
    view("student", 500, 1000, STEP)
    assert "500/1000" in drawn(view)


@pytest.mark.parametrize("width", [60, 80])
def test_a_narrow_terminal_keeps_the_bars_and_cuts_the_figures(view: View, width: int) -> None:
    view("student", 9, 9, {**STEP, "validation_loss": 2.25, "validation_cross_entropy": 2.25})
    view("a task with a long name", 1, 3, {"tokens_per_second": 990.0})
    shown = drawn(view, width)
    assert "━" in shown
    assert "9/9" in shown
    assert "1/3" in shown
    assert len([line for line in shown.splitlines() if line.strip()]) == 2
    assert max(map(len, shown.splitlines())) <= width
