"""Recipes that say only what is different from another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from stillroom.types import RecipeError

BASE = "base"
_KINDS = {"corpus": "source", "data": "task"}
"""The key that names a block's kind, where it is not ``kind``, or the ``loss`` of a term."""

_NAMED = frozenset({"teachers", "assistants", "terms"})
"""Blocks whose members have names of a recipe's own."""

Read = Callable[[str], tuple[Mapping[str, Any], str]]


def complete(data: Mapping[str, Any], where: str, read: Read) -> dict[str, Any]:
    """Fill a recipe with the lines of its base, and that with the lines of its own.

    Args:
        data: the recipe; without a ``base`` it is complete as it is.
        where: what to call it in a message.
        read: gives the data of a recipe by name, and what to call it.

    Raises:
        RecipeError: a base that is no name, or bases that lead back to where they began.
    """
    seen = [where]
    layers = [dict(data)]
    while BASE in layers[-1]:
        name = layers[-1].pop(BASE)
        if not isinstance(name, str):
            raise RecipeError(f"{where}: base = {name!r}", "the name of a recipe", "correct 'base'")
        base, called = read(name)
        if called in seen:
            raise RecipeError(f"{where}: its bases lead back to {called}", "bases that end", "correct 'base'")
        seen.append(called)
        layers.append(dict(base))
    result: dict[str, Any] = {}
    for layer in reversed(layers):
        result = merged(result, layer)
    return result


def merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Lay changes over a base, block by block; a block of another kind or loss takes the place of the old one.

    >>> merged({"train": {"steps": 5, "seed": 1}}, {"train": {"steps": 9}})
    {'train': {'steps': 9, 'seed': 1}}
    >>> merged({"targets": {"kind": "hidden"}}, {"targets": {"kind": "top_k", "classes": 9}})
    {'targets': {'kind': 'top_k', 'classes': 9}}
    """
    result = dict(base)
    for key, value in changes.items():
        old = base.get(key)
        if isinstance(value, Mapping) and isinstance(old, Mapping) and not _another(key, old, value):
            value = merged(old, value)
        result[key] = value
    return result


def without_nulls(data: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out teachers, assistants and terms of the objective that are null: so a recipe drops those of its base.

    >>> without_nulls({"objective": {"terms": {"soft": {"loss": "dist"}, "hard": None}}, "train": None})
    {'objective': {'terms': {'soft': {'loss': 'dist'}}}, 'train': None}
    """
    kept = {key: _present(value) if key in _NAMED else value for key, value in data.items()}
    if isinstance(objective := kept.get("objective"), Mapping):
        kept["objective"] = {
            key: _present(value) if key in _NAMED else value for key, value in objective.items()
        }
    return kept


def _present(named: Any) -> Any:
    return {name: of for name, of in named.items() if of is not None} if isinstance(named, Mapping) else named


def _another(key: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    kinds = (_KINDS.get(key, "kind"), "loss")
    return any(kind in new and kind in old and new[kind] != old[kind] for kind in kinds)
