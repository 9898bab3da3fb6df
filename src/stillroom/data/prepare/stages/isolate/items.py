"""The test items of all tables, so laid out that a row is quickly compared with all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stillroom.data.prepare.likeness.bands import Bands
from stillroom.data.prepare.likeness.lookup import Lookup
from stillroom.data.prepare.likeness.profiles import Profiles, joined
from stillroom.data.prepare.likeness.ragged import distinct, starts_of
from stillroom.data.prepare.likeness.texts import Texts
from stillroom.data.prepare.stages.isolate.note import GROUPS, Note
from stillroom.data.prepare.stages.isolate.passages import Passage, Place

COMMON = 10
"""A run that stands in more passages than this is a form of words (Brown et al. 2020), and gives none of them away."""


@dataclass(frozen=True)
class Items:
    """Test items.

    Attributes:
        ids: of the items.
        profiles: of the items.
        passages: the item of each passage, shape ``(passages,)``.
        sizes: how many distinct runs of each passage are looked for.
        runs: by place: the runs of the passages that are looked for there.
        anchors: the shortest runs of all passages, in rising order.
        bands: by band: the keys of the items' texts.
        groups: by column: the items' patients or documents.
    """

    ids: pa.StringArray
    profiles: Profiles
    passages: NDArray[np.int64]
    sizes: NDArray[np.int64]
    runs: Mapping[Place, Lookup]
    anchors: NDArray[np.uint64]
    bands: tuple[Lookup, ...]
    groups: Mapping[str, Lookup]


def items_of(notes: Iterable[Note], bands: Bands) -> Items:
    """Lay out the test items of all tables."""
    listed = list(notes)
    starts = starts_of(len(note.ids) for note in listed)
    passages = [
        passage._replace(item=passage.item + int(start))
        for start, note in zip(starts, listed, strict=False)
        for passage in note.passages
    ]
    profiles = _in_memory(joined((note.profiles for note in listed), bands))
    runs = _runs(passages)
    sought = np.concatenate([np.zeros(0, np.int64), *(lookup.values for lookup in runs.values())])
    return Items(
        pa.array([id for note in listed for id in note.ids], pa.string()),
        profiles,
        np.array([passage.item for passage in passages], np.int64),
        np.bincount(sought, minlength=len(passages)),
        runs,
        distinct(np.concatenate([np.zeros(0, np.uint64), *(passage.anchors for passage in passages)])),
        _bands(profiles, bands),
        {group: _group(listed, group) for group in GROUPS},
    )


def _runs(passages: list[Passage]) -> dict[Place, Lookup]:
    """What is looked for where: every run that is not common to many passages."""
    found = {}
    for place in sorted({passage.place for passage in passages}):
        there = [(number, each.runs) for number, each in enumerate(passages) if each.place == place]
        numbers = np.repeat([number for number, _ in there], [len(runs) for _, runs in there])
        every = Lookup.of(np.concatenate([runs for _, runs in there]), numbers)
        found[place] = every.without_common(COMMON)
    return found


def _bands(profiles: Profiles, bands: Bands) -> tuple[Lookup, ...]:
    """The keys of each band; of texts that share one, as filled-in forms do, some stand for all."""
    order = np.argsort(profiles.facts["id"][profiles.texts.rows], kind="stable")
    keys = profiles.texts.keys[order]
    return tuple(Lookup.of(keys[:, band], order).at_most(COMMON) for band in range(bands.number))


def _group(notes: list[Note], group: str) -> Lookup:
    keys = np.concatenate([np.zeros(0, np.uint64), *(note.groups[group] for note in notes)])
    known = np.flatnonzero(keys)
    return Lookup.of(keys[known], known)


def _in_memory(profiles: Profiles) -> Profiles:
    """Test items are few and go to every process."""
    texts = profiles.texts
    return Profiles(
        profiles.facts,
        Texts(texts.rows, texts.by_letters, texts.sets.in_memory(), np.array(texts.keys)),
        profiles.questions.in_memory(),
        profiles.contexts.in_memory(),
        profiles.answers.in_memory(),
    )
