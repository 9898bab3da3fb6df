from __future__ import annotations

from pathlib import Path

import pytest

from stillroom.recipes import describe, load, names, to_yaml
from stillroom.recipes.text import parse
from stillroom.types import RecipeError


def test_a_recipe_is_found_by_name_path_and_data(tmp_path: Path) -> None:
    shipped = load("quickstart")
    path = tmp_path / "mine.yaml"
    path.write_text(to_yaml(shipped))
    assert load(path) == load(str(path)) == load(parse(to_yaml(shipped), "data")) == shipped


@pytest.mark.parametrize("name", names())
def test_every_shipped_recipe_is_valid_and_named_after_its_file(name: str) -> None:
    recipe = load(name)
    assert recipe.name == name
    assert describe(name) == recipe.description


def test_overrides_are_checked_like_the_rest() -> None:
    assert load("quickstart", ["seed=7"]).seed == 7
    with pytest.raises(
        RecipeError, match="recipe quickstart: seed = -1; expected greater than or equal to 0"
    ):
        load("quickstart", ["seed=-1"])
    with pytest.raises(RecipeError, match=r"unknown key 'sead'; .* did you mean 'seed'?"):
        load("quickstart", ["sead=1"])


def test_an_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(RecipeError, match=r"unknown recipe 'quikstart'.* did you mean 'quickstart'?"):
        load("quikstart")


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"cannot read recipe .*quickstar\.yaml: No such file"):
        load(tmp_path / "quickstar.yaml")


@pytest.mark.parametrize(("text", "kind"), [("[1]", "list"), ("", "NoneType"), ("word", "str")])
def test_a_file_without_keys_is_refused(tmp_path: Path, text: str, kind: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(RecipeError, match=f"mine.yaml holds {kind}; expected keys and values"):
        load(path)


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RecipeError, match="not UTF-8 text"):
        load(path)
