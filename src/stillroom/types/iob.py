"""Tags of words: ``B-type`` begins an entity, ``I-type`` goes on, ``O`` is none (IOB2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

OUTSIDE = "O"
_NEVER = -1e9


def tags_of(types: Sequence[str]) -> tuple[str, ...]:
    """All tags of some types of entity.

    >>> tags_of(["Disease"])
    ('O', 'B-Disease', 'I-Disease')
    """
    return (OUTSIDE, *(f"{mark}-{kind}" for kind in types for mark in "BI"))


def follows(tag: str, before: str) -> bool:
    """Whether a tag may come after another; ``O`` stands for the beginning too."""
    return not tag.startswith("I-") or before[2:] == tag[2:]


def decode(probabilities: NDArray[Any], tags: Sequence[str]) -> list[str]:
    """The likeliest legal tags of a sentence (Viterbi): no entity goes on that has not begun.

    Args:
        probabilities: shape ``(words, tags)``.
        tags: names of the columns.

    >>> decode(np.array([[0.5, 0.2, 0.3], [0.1, 0.4, 0.5]]), tags_of(["Drug"]))
    ['O', 'B-Drug']
    """
    if not len(probabilities):
        return []
    scores = np.log(np.maximum(probabilities, 1e-30).astype(np.float64))
    legal = np.array([[0.0 if follows(tag, before) else _NEVER for tag in tags] for before in tags])
    best = scores[0] + legal[tags.index(OUTSIDE)]
    came: list[NDArray[np.intp]] = []
    for row in scores[1:]:
        ways = best[:, None] + legal
        came.append(ways.argmax(0))
        best = ways.max(0) + row
    path = [int(best.argmax())]
    for back in reversed(came):
        path.append(int(back[path[-1]]))
    return [tags[at] for at in reversed(path)]


def entities_of(tags: Sequence[str]) -> Iterator[tuple[str, int, int]]:
    """Type, first word and the word after the last of each entity in legal tags.

    >>> list(entities_of(["B-Drug", "I-Drug", "O", "B-Drug"]))
    [('Drug', 0, 2), ('Drug', 3, 4)]
    """
    begun: tuple[str, int] | None = None
    for at, tag in enumerate([*tags, OUTSIDE]):
        if begun is not None and not tag.startswith("I-"):
            yield (*begun, at)
            begun = None
        if tag.startswith("B-"):
            begun = tag[2:], at
