"""``stillroom report``: two runs on one page; any other word is a recipe."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from recipes.test_comparing import finished


def test_two_runs_are_compared_by_their_names(stillroom: Callable[..., Any], tmp_path: Path) -> None:
    finished(tmp_path / "weak", 0.3)
    finished(tmp_path / "strong", 3.0)
    page = tmp_path / "page.html"
    ended = stillroom("report", "compare", "weak", "strong", "--runs", str(tmp_path), "--output", str(page))
    assert ended.code == 0, ended.err
    assert "differences are paired" in ended.out
    assert page.is_file()


def test_a_run_that_is_not_there_is_told_in_a_line(stillroom: Callable[..., Any], tmp_path: Path) -> None:
    ended = stillroom("report", "compare", "weak", "strong", "--runs", str(tmp_path))
    assert ended.code == 1
    assert "holds no evidence.json" in ended.err


def test_a_word_that_is_no_verb_is_a_recipe(stillroom: Callable[..., Any], tmp_path: Path) -> None:
    ended = stillroom("report", "quickstart", "--dry-run", "--runs", str(tmp_path))
    assert ended.code == 0, ended.err
    assert "# valid; a run would go to" in ended.out
