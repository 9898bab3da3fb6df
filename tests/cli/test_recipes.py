from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from stillroom.recipes import load, names


def test_recipes_are_listed_with_what_they_do(stillroom: Callable[..., Any]) -> None:
    ended = stillroom("recipes")
    assert ended.code == 0
    for name in names():
        assert name in ended.out
        assert load(name).description in ended.out


def test_a_recipe_shown_is_a_start_for_ones_own(stillroom: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(stillroom("recipes", "show", "quickstart", "seed=7").out)
    assert load(path) == load("quickstart", ["seed=7"])


def test_every_key_is_explained(stillroom: Callable[..., Any]) -> None:
    lines = stillroom("recipes", "keys").out.splitlines()
    keys = [line for line in lines[1:] if not line.startswith(" ")]  # the others go on with a meaning
    explained = {line.split()[0]: line.split()[1:] for line in keys}
    assert all(explained.values())
    assert "train.learning_rate" in explained
