"""``key=value`` from the command line, laid over the data of a recipe."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from stillroom.recipes.text import parse
from stillroom.types import RecipeError


def override(data: Mapping[str, Any], overrides: Iterable[str]) -> dict[str, Any]:
    """Return a copy of the data with each ``dotted.key=value`` set; values are YAML.

    Whether a key exists is the schema's to say, when the result is checked.

    Raises:
        RecipeError: an override is not of the form ``key=value``, or reaches inside a plain value.

    >>> override({"train": {"steps": 500}}, ["train.steps=50", "objective.alpha=0.5"])
    {'train': {'steps': 50}, 'objective': {'alpha': 0.5}}
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
    if not rest:
        return {**block, name: value}
    inner = block.get(name)
    if inner is not None and not isinstance(inner, Mapping):
        raise RecipeError(
            f"override {key!r} reaches inside {name!r}, which is a plain value",
            "a key of a block",
            f"override {name!r} itself, or see `stillroom recipes show`",
        )
    return {**block, name: _set(inner or {}, rest, value, key)}
