from __future__ import annotations

import io

import pytest
from rich.console import Console

from stillroom.cli.progress import shown_progress


def test_without_a_terminal_plain_lines_are_written() -> None:
    text = io.StringIO()
    with shown_progress(Console(file=text, width=40)) as progress:
        progress("[teach]", 2, 2, {"loss": 1.0})
    assert text.getvalue() == "[teach] 2/2 | Loss: 1.000\n"


def test_a_terminal_shows_the_view() -> None:
    text = io.StringIO()
    with shown_progress(Console(file=text, width=120, force_terminal=True, color_system=None)) as progress:
        progress("[teach]", 1, 2)
        progress("[teach]", 2, 2, {"loss": 1.0})
        progress("distil", 1, 4)
    shown = text.getvalue()
    assert "[teach]" in shown
    assert "2/2" in shown
    assert "Loss: 1.000" in shown
    assert "1/4" in shown


def test_of_several_processes_the_first_one_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "1")
    text = io.StringIO()
    with shown_progress(Console(file=text)) as progress:
        progress("student", 2, 2, {"loss": 1.0})
    assert text.getvalue() == ""
