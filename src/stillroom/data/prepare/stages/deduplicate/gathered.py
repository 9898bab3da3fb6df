"""The notes of all tables, and which rows are the better ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from stillroom.data.prepare.likeness.bands import Bands
from stillroom.data.prepare.likeness.profiles import Profiles, joined
from stillroom.data.prepare.rows import ROW
from stillroom.data.prepare.stages.deduplicate.note import Note


@dataclass(frozen=True)
class Gathered:
    """All that was noted.

    Attributes:
        ids: of the rows.
        ranks: place of each row when the best copy comes first, shape ``(rows,)``.
        profiles: of the rows.
    """

    ids: pa.ChunkedArray
    ranks: NDArray[np.int64]
    profiles: Profiles


def gathered(notes: Iterable[Note], bands: Bands) -> Gathered:
    """Gather notes, in the order of the tables."""
    names = [ROW.empty_table().select(["id", "source"])]

    def profiles() -> Iterator[Profiles]:
        for note in notes:
            names.append(note.names)
            yield note.profiles

    known = joined(profiles(), bands)
    all_names = pa.concat_tables(names)
    return Gathered(all_names["id"], ranks(all_names, known.facts), known)


def ranks(names: pa.Table, facts: NDArray[np.void]) -> NDArray[np.int64]:
    """Rank rows by which copy stays.

    A labelled row with options comes before others, then the one with the longest context, then the one of the source
    that came first, then that of the first identifier: where a row stands in its source plays no part.
    """
    sorting = {
        "labelled": facts["labelled"].astype(np.int8),
        "context": facts["context_words"],
        "source": names["source"].combine_chunks().dictionary_encode().indices,
        "id": names["id"],
    }
    down, up = "descending", "ascending"
    keys = [("labelled", down), ("context", down), ("source", up), ("id", up)]
    order = pc.sort_indices(pa.table(sorting), sort_keys=keys).to_numpy()
    found = np.empty(len(facts), np.int64)
    found[order] = np.arange(len(facts))
    return found
