from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stillroom.recipes.sweeps import sweep as module
from stillroom.recipes.sweeps.compare import Figures
from stillroom.recipes.sweeps.sweep import Setting, Sweep


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the sweep was asked for; it answers with two settings of two seeds."""
    calls: list[Any] = []
    figures = Figures(2.0, 2.5, -0.5, -0.6, -0.4, 0.3)
    worse = Figures(2.2, 2.5, -0.3, -0.6, 0.1, None)

    def fake(recipe: Any, items: Any, runs: Path, *, seeds: Any, progress: Any) -> Sweep:
        calls.append((recipe.name, items, list(seeds)))
        values = {"objective.alpha": "0.3"}, {"objective.alpha": "0.7"}
        return Sweep(
            runs, tuple(Setting(v, {1: f, 2: f}) for v, f in zip(values, (figures, worse), strict=True))
        )

    monkeypatch.setattr(module, "sweep", fake)
    return calls


def test_the_table_has_the_control_beside_the_student(
    stillroom: Callable[..., Any], asked: list[Any]
) -> None:
    ended = stillroom("sweep", "quickstart", "objective.alpha=0.3,0.7", "--seeds", "1,2")
    assert asked == [("quickstart", ["objective.alpha=0.3,0.7"], [1, 2])]
    assert ended.code == 0
    assert "student − control" in ended.out
    assert "-0.500 [-0.600, -0.400]" in ended.out
    assert "validation data" in ended.out


def test_json_holds_every_seed(stillroom: Callable[..., Any], asked: list[Any]) -> None:
    told = json.loads(stillroom("sweep", "quickstart", "objective.alpha=0.3,0.7", "--json").out)
    assert [setting["values"]["objective.alpha"] for setting in told["settings"]] == ["0.3", "0.7"]
    assert set(told["settings"][0]["by_seed"]) == {"1", "2"}


def test_a_seed_that_is_no_number_is_refused(stillroom: Callable[..., Any], asked: list[Any]) -> None:
    ended = stillroom("sweep", "quickstart", "--seeds", "one")
    assert ended.code == 1
    assert "--seeds 1,2,3" in ended.err
    assert not asked
