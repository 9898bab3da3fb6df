from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stillroom.recipes.search import search as module
from stillroom.recipes.search.result import Budget, Search, Tried


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the search was asked for; it answers with two students, one of them not trained."""
    calls: list[Any] = []

    def fake(recipe: Any, items: Any, runs: Path, *, trials: int, budget: Budget, progress: Any) -> Search:
        calls.append((recipe.name, items, trials, budget))
        trained = Tried(0, {"student.blocks": "2"}, 0.25, 0.5, 3.0, 1234)
        return Search(recipe.name, runs, budget, (trained, Tried(1, {"student.blocks": "3"}, reason="over")))

    monkeypatch.setattr(module, "search", fake)
    return calls


def test_the_front_is_shown_with_the_command_that_runs_the_best(
    stillroom: Callable[..., Any], asked: list[Any]
) -> None:
    ended = stillroom("search", "pneumonia", "student.blocks=1..3", "--trials", "5", "--answer-ms", "1")
    assert asked == [("pneumonia", ["student.blocks=1..3"], 5, Budget(answer_ms=1.0))]
    assert ended.code == 0
    assert "0.2500" in ended.out
    assert "2 students, 1 of them not trained" in ended.out
    assert "stillroom run pneumonia 'student.blocks=2'" in ended.out


def test_json_holds_every_student(stillroom: Callable[..., Any], asked: list[Any]) -> None:
    told = json.loads(stillroom("search", "pneumonia", "student.blocks=1..3", "--json").out)
    assert [one["loss"] for one in told["tried"]] == [0.25, None]


def test_a_language_model_is_not_searched(stillroom: Callable[..., Any], asked: list[Any]) -> None:
    ended = stillroom("search", "quickstart", "student.blocks=1..3")
    assert ended.code == 1
    assert "a recipe of a language model" in ended.err
    assert not asked
