"""What isolation has to know of a table: its test items."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from stillroom.data.prepare.likeness.bands import Bands
from stillroom.data.prepare.likeness.parts import parts_of
from stillroom.data.prepare.likeness.profiles import Profiles, profiles_of
from stillroom.data.prepare.likeness.words import key
from stillroom.data.prepare.stages.isolate.passages import Passage, passages

GROUPS = ("patient", "document")
"""Columns whose rows may not be learned from where one of them is a test item."""


@dataclass(frozen=True)
class Note:
    """The test items of a table.

    Attributes:
        ids: of the items.
        profiles: of the items, all among the texts.
        passages: what gives them away.
        groups: the hash of each item's patient, and of its document; 0 where it has none.
    """

    ids: list[str]
    profiles: Profiles
    passages: list[Passage]
    groups: dict[str, NDArray[np.uint64]]


def tested(rows: pa.Table) -> NDArray[np.bool_]:
    """Which rows are test items: those of a benchmark, and those that their source tests with."""
    return np.asarray(pc.or_(rows["benchmark"], pc.equal(rows["split"], "test")))


def note_of(rows: pa.Table, threshold: float, bands: Bands) -> Note:
    """Note the test items of a table."""
    items = rows.filter(pa.array(tested(rows)))
    parts = parts_of(items)
    return Note(
        items["id"].to_pylist(),
        profiles_of(items, parts, parts.asked, np.ones(items.num_rows, bool), threshold, bands),
        list(passages(parts)),
        {group: group_keys(items, group) for group in GROUPS},
    )


def group_keys(rows: pa.Table, group: str) -> NDArray[np.uint64]:
    """The hash of each row's patient or document, which is one of its source; 0 where it has none."""
    pairs = zip(rows["source"].to_pylist(), rows[group].to_pylist(), strict=True)
    return np.array([key([group, source, name]) if name else 0 for source, name in pairs], np.uint64)
