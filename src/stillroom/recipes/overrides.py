"""``key=value`` from the command line, laid over the data of a recipe."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from stillroom.recipes.text import parse
from stillroom.types import RecipeError


def override(data: Mapping[str, Any], overrides: Iterable[str]) -> dict[str, Any]:
    """Return a copy of the data with each ``dotted.key=value`` set; values are YAML, items of lists count from 0.

    Whether a key exists is the schema's to say, when the result is checked.

    Raises:
        RecipeError: an override is not of the form ``key=value``, reaches inside a plain value, or asks for an item
            that a list does not have.

    >>> override({"train": {"steps": 500}}, ["train.steps=50", "objective.alpha=0.5"])
    {'train': {'steps': 50}, 'objective': {'alpha': 0.5}}
    >>> override({"layers": [0, 5, 9]}, ["layers.1=4"])
    {'layers': [0, 4, 9]}
    """
    result = dict(data)
    for item in overrides:
        key, equals, text = item.partition("=")
        if not equals or not all(key.split(".")):
            raise RecipeError(f"override {item!r}", "key=value", "write it like train.steps=50")
        result = _set(result, key.split("."), parse(text, f"override {key!r}"), key)
    return result


def _set(block: Mapping[str, Any], path: list[str], value: Any, key: str) -> dict[str, Any]:
    name, *rest = path
    return {**block, name: _changed(block.get(name), name, rest, value, key)}


def _changed(inner: Any, name: str, rest: list[str], value: Any, key: str) -> Any:
    """Return what a key holds after an override that goes on with `rest` below it."""
    if not rest:
        return value
    if isinstance(inner, Mapping) or inner is None:
        return _set(inner or {}, rest, value, key)
    if isinstance(inner, list):
        return _item_set(inner, name, rest, value, key)
    raise RecipeError(
        f"override {key!r} reaches inside {name!r}, which is a plain value",
        "a key of a block, or the place of an item in a list",
        f"override {name!r} itself, or see `stillroom recipes show`",
    )


def _item_set(items: list[Any], name: str, path: list[str], value: Any, key: str) -> list[Any]:
    place, *rest = path
    if not place.isdecimal() or int(place) >= len(items):
        raise RecipeError(
            f"override {key!r} asks for item {place!r} of {name!r}, which has {len(items)}",
            "the place of an item, counted from 0",
            f"override {name!r} itself, or see `stillroom recipes show`",
        )
    at = int(place)
    return [*items[:at], _changed(items[at], f"{name}.{place}", rest, value, key), *items[at + 1 :]]
