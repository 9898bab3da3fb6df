"""Which rows give a test item away, and which item."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stillroom.data.prepare.likeness.lookup import Lookup
from stillroom.data.prepare.likeness.near import near
from stillroom.data.prepare.likeness.parts import Parts
from stillroom.data.prepare.likeness.profiles import Profiles
from stillroom.data.prepare.likeness.ragged import changes, distinct
from stillroom.data.prepare.stages.isolate.items import Items
from stillroom.data.prepare.stages.isolate.note import GROUPS, group_keys
from stillroom.data.prepare.stages.isolate.passages import RUN, Place, anchored, runs_in

_LOW = np.uint64(32)
_MASK = np.uint64(2**32 - 1)
_NONE = (np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))


class Leaks(NamedTuple):
    """Rows that give items away.

    Attributes:
        rows: of the table, each once.
        items: an item that the row gives away: the one it holds most of, then the first.
    """

    rows: NDArray[np.int64]
    items: NDArray[np.int64]


def held(items: Items, parts: Parts, share: float) -> tuple[Leaks, NDArray[np.int64]]:
    """Rows that hold such a share of a passage of an item; and all rows that share a run of 13 words with any."""
    found, touched = [_NONE], [_NONE[0]]
    near = anchored(parts, items.anchors) if len(items.anchors) else _NONE[0]
    some = parts.take(near.tolist())
    for place, lookup in items.runs.items():
        rows, passages, counts = _shared(some if place.run else parts, place, lookup)
        rows = near[rows] if place.run else rows
        shares = counts / items.sizes[passages]
        enough = shares >= share
        found.append((rows[enough], items.passages[passages[enough]], -shares[enough]))
        touched.append(rows if place.run == RUN else _NONE[0])
    return _best(*map(np.concatenate, zip(*found, strict=True))), distinct(np.concatenate(touched))


def _shared(
    parts: Parts, place: Place, lookup: Lookup
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Rows, passages, and how many distinct runs they have in common."""
    pairs = [np.zeros(0, np.uint64)]
    for owners, runs in runs_in(parts, place):
        where, at = lookup.find(runs)
        pairs.append(_packed(owners[where], at))
    rows, at = _unpacked(distinct(np.concatenate(pairs)))
    together = np.sort(_packed(rows, lookup.values[at]))
    begins = np.flatnonzero(changes(together))
    return *_unpacked(together[begins]), np.diff(np.append(begins, len(together)))


def near_copies(items: Items, profiles: Profiles, threshold: float) -> Leaks:
    """Rows that are near copies of an item, whatever is answered."""
    pairs = [np.zeros(0, np.uint64)]
    for band, lookup in enumerate(items.bands):
        texts, places = lookup.find(profiles.texts.keys[:, band])
        pairs.append(_packed(texts, lookup.values[places]))
    ones, others = _unpacked(distinct(np.concatenate(pairs)))
    found = near(profiles, ones, items.profiles, others, threshold, answers=False)
    rows, texts = profiles.texts.rows[ones[found]], items.profiles.texts.rows[others[found]]
    return _best(rows, texts, np.zeros(len(rows)))


def related(items: Items, rows: pa.Table) -> Iterator[tuple[str, Leaks]]:
    """Rows of an item's patient or document."""
    for group in GROUPS:
        found, places = items.groups[group].find(group_keys(rows, group))
        yield group, _best(found, items.groups[group].values[places], np.zeros(len(found)))


def _best(rows: NDArray[np.int64], items: NDArray[np.int64], cost: NDArray[np.float64]) -> Leaks:
    """One item for each row: that of the least cost, then the first."""
    order = np.lexsort((items, cost, rows))
    first = order[changes(rows[order])]
    return Leaks(rows[first], items[first])


def _packed(high: NDArray[np.int64], low: NDArray[np.int64]) -> NDArray[np.uint64]:
    return high.astype(np.uint64) << _LOW | low.astype(np.uint64)


def _unpacked(pairs: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return (pairs >> _LOW).astype(np.int64), (pairs & _MASK).astype(np.int64)
