"""Choices that look random and never change: every one is a hash of what it is about."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


def digest(*parts: object) -> int:
    """Hash parts to an integer in ``[0, 2**64)``, the same on every machine and in every process.

    >>> digest("hpo", 1) == digest("hpo", 1) != digest("hpo", 2)
    True
    """
    text = "\x1f".join(map(str, parts))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())


def unit(*parts: object) -> float:
    """Hash parts to a number spread evenly over ``[0, 1)``.

    >>> 0.0 <= unit("HP:0001250") < 1.0
    True
    """
    return (digest(*parts) >> 11) / 2**53


def choose(options: Sequence[T], *parts: object) -> T:
    """Pick one option by hash.

    >>> choose(["only"], "any", "key")
    'only'
    """
    return options[digest(*parts) % len(options)]


def shuffled(items: Sequence[T], *parts: object) -> list[T]:
    """Order items by the hash of their position and the parts.

    >>> sorted(shuffled("abcd", "key")) == list("abcd")
    True
    """
    salt = digest(*parts)
    order = sorted(range(len(items)), key=lambda index: digest(salt, index))
    return [items[index] for index in order]
