"""``stillroom ablate``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stillroom.cli.ablate import _print
from stillroom.recipes.sweeps.ablation import Ablation, Row
from stillroom.recipes.sweeps.compare import Figures


def figures(student: float) -> Figures:
    return Figures(student, 4.0, student - 4.0, student - 4.1, student - 3.9, None)


def test_each_row_shows_what_it_adds_and_one_that_does_not_help_says_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = (
        Row("soft targets", {1: figures(3.5), 2: figures(3.6)}),
        Row("look", {1: figures(3.7), 2: figures(3.8)}),
    )
    _print(Ablation(Path("runs/mine.ablation"), rows))
    lines = capsys.readouterr().out.splitlines()
    assert "4.000; 4.000" in lines[1]
    assert "-0.500; -0.400" in lines[2]
    assert "does not help" not in lines[2]
    assert "+0.200; +0.200  does not help" in lines[3]


def test_nothing_to_take_apart_is_one_line(stillroom: Callable[..., Any]) -> None:
    ended = stillroom("ablate", "quickstart", "objective.hidden_weight=0")
    assert ended.code != 0
    assert "parts to switch on" in ended.err
