"""Rows that share a patient, a document or a concept, directly or through others, belong together."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stillroom.data.hashing import digest

Digests = NDArray[np.uint64]
S = TypeVar("S", bound=np.generic)
_NONE = 0
_OF_ITS_SOURCE = ("patient", "document")
_OF_ALL_SOURCES = ("concept",)


def group_keys(rows: pa.Table) -> Digests:
    """What each row may share with others: shape ``(rows, 3)``, 0 for nothing.

    Patients and documents are those of their source: two hospitals may both have a patient 7. Concepts are everyone's.
    A row that has none of them shares its own identifier with nobody.
    """
    columns = [rows[name].to_pylist() for name in ("source", "id", *_OF_ITS_SOURCE, *_OF_ALL_SOURCES)]
    keys = [_keys(*row) for row in zip(*columns, strict=True)]
    return np.array(keys, np.uint64).reshape(len(keys), 3)


def components(keys: Digests) -> tuple[Digests, Digests]:
    """Find what belongs together.

    Args:
        keys: of all rows, as of :func:`group_keys`.

    Returns:
        Every key once, sorted, and the name of its group: the smallest key in it. A row's group is that of any of its
        keys.

    >>> known, names = components(np.array([[5, 3, 0], [3, 9, 0], [7, 0, 0]], np.uint64))
    >>> known.tolist(), names.tolist()
    ([3, 5, 7, 9], [3, 3, 7, 3])
    """
    known = np.unique(keys[keys != _NONE])
    first = np.searchsorted(known, _any_key(keys))
    ends = [
        (first[has], np.searchsorted(known, column[has])) for column in keys.T if (has := column != 0).any()
    ]
    one, other = (np.concatenate(side) if ends else np.zeros(0, np.int64) for side in _sides(ends))
    return known, known[_smallest_reached(len(known), one, other)]


def groups_of(keys: Digests, known: Digests, values: NDArray[S]) -> NDArray[S]:
    """Look up what is said of each row's group.

    Args:
        keys: of the rows.
        known: every key, sorted.
        values: what is said of each of these.
    """
    return values[np.searchsorted(known, _any_key(keys))]


def _keys(source: str, id: str, patient: str, document: str, concept: str) -> tuple[int, int, int]:
    keys = (
        digest("patient", source, patient) if patient else _NONE,
        digest("document", source, document) if document else _NONE,
        digest("concept", concept) if concept else _NONE,
    )
    return keys if any(keys) else (digest("row", id), _NONE, _NONE)


def _any_key(keys: Digests) -> Digests:
    """The first key of each row."""
    return keys[np.arange(len(keys)), (keys != _NONE).argmax(axis=1)] if len(keys) else keys[:, 0]


def _sides(ends: list[tuple[NDArray[np.int64], NDArray[np.int64]]]) -> list[tuple[NDArray[np.int64], ...]]:
    return [tuple(pair[side] for pair in ends) for side in (0, 1)]


def _smallest_reached(count: int, one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int64]:
    """The smallest node that each node reaches over the edges: labels spread, and jump along labels."""
    labels = np.arange(count)
    while True:
        low = np.minimum(labels[one], labels[other])
        spread = labels.copy()
        np.minimum.at(spread, one, low)
        np.minimum.at(spread, other, low)
        spread = spread[spread]
        if (spread == labels).all():
            return labels
        labels = spread
