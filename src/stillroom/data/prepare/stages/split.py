"""The split: no patient, document or concept is on two sides, and no row changes sides because others came."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stillroom.data.hashing import digest, unit
from stillroom.data.prepare.grouping import Digests, components, group_keys, groups_of
from stillroom.data.prepare.settings.split import SplitSettings
from stillroom.data.prepare.stages.divided import Divided
from stillroom.data.splits import split_of
from stillroom.types import SPLITS

Codes = NDArray[np.int8]
_FREE, _GIVES, _TRAIN, _VALIDATION, _TEST, _BENCHMARK = range(6)
"""What a row says of its split, the stronger the larger: nothing; training, but some of it may be held out; …"""
_OWN = {"": _FREE, "train": _TRAIN, "validation": _VALIDATION, "test": _TEST}
_SIDES = {_TRAIN: 0, _VALIDATION: 1, _TEST: 2, _BENCHMARK: 2}
_STRATUM = ("source", "task")


@dataclass(frozen=True)
class Noted:
    """What the split has to know of a table: of each row its keys, what it says of its split, and its stratum."""

    source: str
    keys: Digests
    own: Codes
    strata: Digests


@dataclass(frozen=True)
class Split:
    """Decides by group where rows belong.

    A group is what shares a patient, a document or a concept. Where it holds a benchmark item, or a test or validation
    item of its source, all of it belongs there, and rows that say otherwise are left out: they would tell what is
    asked. A group of which nothing is known goes where the hash of its name puts it (:mod:`stillroom.data.splits`), so
    more rows move none, unless they join two groups. Sources without a validation part of their own give up
    ``validation_share`` of their training groups in the same way. A stratum (source and task) in which that
    should find a group, and by chance finds none, gives up the one whose hash is nearest.
    """

    settings: SplitSettings
    name: str = field(default="split", init=False)

    def survey(self, rows: pa.Table) -> Noted:
        """Note keys, splits and strata."""
        own = [_OWN[split] if self.settings.keep_own_splits else _FREE for split in rows["split"].to_pylist()]
        codes = np.where(rows["benchmark"].to_numpy(), _BENCHMARK, own).astype(np.int8)
        tags = zip(*(rows[name].to_pylist() for name in _STRATUM), strict=True)
        strata = np.array([digest(*tag) for tag in tags], np.uint64)
        return Noted(rows["source"][0].as_py() if rows.num_rows else "", group_keys(rows), codes, strata)

    def decide(self, surveys: Iterable[Noted]) -> Divided:
        """Find the groups of all rows, and the side of each."""
        notes = _giving(list(surveys))
        keys = np.concatenate([note.keys for note in notes])
        known, names = components(keys)
        group = np.searchsorted(known, names)
        of_rows = groups_of(keys, known, group)
        strongest, strata = np.zeros(len(known), np.int8), np.zeros(len(known), np.uint64)
        np.maximum.at(strongest, of_rows, np.concatenate([note.own for note in notes]))
        np.maximum.at(strata, of_rows, np.concatenate([note.strata for note in notes]))
        heads = np.unique(group)
        sides = np.zeros(len(known), np.int8)
        sides[heads] = self._sides(known[heads], strongest[heads], strata[heads])
        return Divided(known, sides[group], (strongest >= _VALIDATION)[group], self.settings.keep_own_splits)

    def _sides(self, names: Digests, strongest: Codes, strata: Digests) -> Codes:
        """Place in ``SPLITS`` of each group."""
        pairs = zip(names.tolist(), strongest.tolist(), strict=True)
        sides = np.array([self._side(*pair) for pair in pairs], np.int8)
        for mine in _by_stratum(np.flatnonzero(strongest <= _GIVES), strata):
            training = mine[sides[mine] == _SIDES[_TRAIN]]
            expected = len(mine) * self.settings.validation_share
            if expected >= 1 and len(training) > 1 and not (sides[mine] == _SIDES[_VALIDATION]).any():
                nearest = min(training.tolist(), key=lambda place: unit("split", _text(int(names[place]))))
                sides[nearest] = _SIDES[_VALIDATION]
        return sides

    def _side(self, name: int, strongest: int) -> int:
        if strongest in _SIDES:
            return _SIDES[strongest]
        test_share = self.settings.test_share if strongest == _FREE else 0.0
        return SPLITS.index(split_of(_text(name), self.settings.validation_share, test_share))


def _giving(notes: list[Noted]) -> list[Noted]:
    """Mark training rows of sources without a validation part: some of them may be held out."""
    complete = {note.source for note in notes if (note.own == _VALIDATION).any()}
    return [
        note if note.source in complete else replace(note, own=np.where(note.own == _TRAIN, _GIVES, note.own))
        for note in notes
    ]


def _by_stratum(places: NDArray[np.int64], strata: Digests) -> list[NDArray[np.int64]]:
    if not len(places):
        return []
    ordered = places[np.argsort(strata[places], kind="stable")]
    return np.split(ordered, np.flatnonzero(np.diff(strata[ordered])) + 1)


def _text(name: int) -> str:
    return f"{name:016x}"
