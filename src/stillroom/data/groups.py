"""Concepts that share a text belong together: connected components over shared keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def components(keys_of: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Group concepts that share a key, directly or through others.

    Args:
        keys_of: for each concept, the keys of its texts; an empty key links nothing.

    Returns:
        For each concept the name of its group: the smallest concept in it.

    >>> components({"a": ["x"], "b": ["x", "y"], "c": ["y"], "d": [""]})
    {'a': 'a', 'b': 'a', 'c': 'a', 'd': 'd'}
    """
    parent = {concept: concept for concept in keys_of}
    first_with: dict[str, str] = {}
    for concept, keys in keys_of.items():
        for key in filter(None, keys):
            _join(parent, concept, first_with.setdefault(key, concept))
    return {concept: _root(parent, concept) for concept in keys_of}


def _join(parent: dict[str, str], one: str, other: str) -> None:
    low, high = sorted((_root(parent, one), _root(parent, other)))
    parent[high] = low


def _root(parent: dict[str, str], concept: str) -> str:
    while parent[concept] != concept:
        parent[concept] = parent[parent[concept]]
        concept = parent[concept]
    return concept
