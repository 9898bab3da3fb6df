"""The notes of all tables, best rows first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from stillroom.data.prepare.likeness.bands import Bands
from stillroom.data.prepare.likeness.ragged import Array
from stillroom.data.prepare.likeness.shingles import Sets
from stillroom.data.prepare.likeness.spill import Spill, SpilledSets
from stillroom.data.prepare.rows import ROW
from stillroom.data.prepare.stages.deduplicate.note import FACTS, Note


@dataclass(frozen=True)
class Gathered:
    """All that was noted. In memory lie names and facts; shingles and bands are mapped from the disk.

    Attributes:
        ids: of the rows.
        facts: of the rows, as ``FACTS``.
        ranks: place of each row when the best copy comes first, shape ``(rows,)``.
        text_rows: row of each text.
        text_by_letters: whether its shingles are of letters.
        texts: shingles of the texts.
        keys: of their bands.
        questions: runs of letters of each row's question.
        answers: runs of letters of its answer.
    """

    ids: pa.ChunkedArray
    facts: NDArray[np.void]
    ranks: NDArray[np.int64]
    text_rows: NDArray[np.int64]
    text_by_letters: NDArray[np.bool_]
    texts: Sets
    keys: Array
    questions: Sets
    answers: Sets


def gathered(notes: Iterable[Note], bands: Bands) -> Gathered:
    """Gather notes, in the order of the tables."""
    texts, questions, answers = SpilledSets(), SpilledSets(), SpilledSets()
    keys, names, facts = Spill(np.uint64, bands.number), [_no_names()], [np.zeros(0, FACTS)]
    rows, letters, count = [np.zeros(0, np.int64)], [np.zeros(0, np.bool_)], 0
    for note in notes:
        names.append(note.names)
        facts.append(note.facts)
        rows.append(note.texts.rows + count)
        letters.append(note.texts.by_letters)
        count += len(note.facts)
        for spilled, sets in ((texts, note.texts.sets), (questions, note.questions), (answers, note.answers)):
            spilled.add(sets)
        keys.add(note.texts.keys)
    all_names, all_facts = pa.concat_tables(names), np.concatenate(facts)
    return Gathered(
        all_names["id"],
        all_facts,
        ranks(all_names, all_facts),
        np.concatenate(rows),
        np.concatenate(letters),
        texts.mapped(),
        keys.mapped(),
        questions.mapped(),
        answers.mapped(),
    )


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


def _no_names() -> pa.Table:
    return ROW.empty_table().select(["id", "source"])
