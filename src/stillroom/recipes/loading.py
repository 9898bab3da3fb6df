"""Recipes by name, path or dictionary: read, overridden, checked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from stillroom.recipes.bases import complete, without_nulls
from stillroom.recipes.bedside_recipe import BEDSIDE, BedsideRecipe
from stillroom.recipes.consistency import check_consistency
from stillroom.recipes.overrides import override
from stillroom.recipes.problems import recipe_error
from stillroom.recipes.schema import Recipe
from stillroom.recipes.text import dump, parse
from stillroom.types import RecipeError, did_you_mean

_SUFFIXES = (".yaml", ".yml")


def load(recipe: str | Path | Mapping[str, Any], overrides: Iterable[str] = ()) -> Recipe | BedsideRecipe:
    """Read a recipe and check it.

    A recipe with a ``base`` says only what is different from that recipe. A teacher, an assistant or a term of the
    objective that is null is left out.

    One whose ``kind`` is ``bedside`` is of a task that is no language model, and has blocks of its own.

    Args:
        recipe: the name of a shipped recipe, the path of a YAML file, or the data itself.
        overrides: ``dotted.key=value`` items, applied in order before the check.

    Raises:
        RecipeError: no such recipe, not YAML, an unknown key, a missing key, a value out of range, or blocks that
            do not go together.

    >>> load("quickstart", ["seed=7"]).seed
    7
    """
    data, where = _read(recipe)
    data = without_nulls(override(complete(data, where, _read), overrides))
    model = BedsideRecipe if data.get("kind") == BEDSIDE else Recipe
    try:
        checked = model.model_validate_json(json.dumps(data, default=str), strict=True)
    except ValidationError as error:
        raise recipe_error(error, model, data, where) from None
    if isinstance(checked, Recipe):
        check_consistency(checked, where)
    return checked


def load_language(recipe: str | Path | Mapping[str, Any], overrides: Iterable[str] = ()) -> Recipe:
    """Read a recipe of a language model and check it.

    Raises:
        RecipeError: as :func:`load` says, or a recipe of a bedside task.
    """
    checked = load(recipe, overrides)
    if not isinstance(checked, Recipe):
        raise RecipeError(
            f"{checked.name!r} is a recipe of a bedside task",
            "one of a language model",
            "use `stillroom run` for it, or choose another recipe",
        )
    return checked


def load_bedside(recipe: str | Path | Mapping[str, Any], overrides: Iterable[str] = ()) -> BedsideRecipe:
    """Read a recipe of a bedside task and check it.

    Raises:
        RecipeError: as :func:`load` says, or a recipe of a language model.
    """
    checked = load(recipe, overrides)
    if not isinstance(checked, BedsideRecipe):
        raise RecipeError(
            f"{checked.name!r} is a recipe of a language model",
            "one of a bedside task",
            "choose another recipe",
        )
    return checked


def names() -> list[str]:
    """List the shipped recipes."""
    folder = files("stillroom.recipes") / "shipped"
    return sorted(Path(file.name).stem for file in folder.iterdir() if file.name.endswith(_SUFFIXES))


def describe(name: str) -> str:
    """Say in a line what a recipe does; it is read, and not checked."""
    data, where = _read(name)
    return str(complete(data, where, _read)["description"])


def to_yaml(recipe: Recipe | BedsideRecipe) -> str:
    """Write a recipe, every value included, as YAML that :func:`load` reads back as the same recipe."""
    return dump(recipe.model_dump(mode="json"))


def _read(recipe: str | Path | Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    if isinstance(recipe, Mapping):
        return recipe, "recipe"
    text, where = _text(recipe)
    data = parse(text, where)
    if not isinstance(data, Mapping):
        raise RecipeError(
            f"{where} holds {type(data).__name__}",
            "keys and values",
            "see `stillroom recipes show quickstart`",
        )
    return data, where


def _text(recipe: str | Path) -> tuple[str, str]:
    name = str(recipe)
    if isinstance(recipe, Path) or name.endswith(_SUFFIXES) or "/" in name:
        return _file_text(Path(recipe).expanduser()), f"recipe {name}"
    if name not in names():
        raise RecipeError(
            f"unknown recipe {name!r}", "a shipped recipe or a .yaml file", did_you_mean(name, names())
        )
    shipped = files("stillroom.recipes") / "shipped" / f"{name}.yaml"
    return shipped.read_text(encoding="utf-8"), f"recipe {name}"


def _file_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise RecipeError(
            f"cannot read recipe {path}: {reason}",
            "a YAML file or a shipped recipe",
            did_you_mean(path.stem, names()),
        ) from error
