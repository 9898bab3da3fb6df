"""Near copies by datasketch, with the texts, shingles, permutations, bands and threshold of Stillroom.

datasketch takes one row after the other: its MinHash, a query, and an insertion where no candidate's estimated
similarity reaches the threshold. Stillroom works on whole tables, and compares candidates exactly.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from stillroom.data.prepare.likeness.bands import choose_bands
from stillroom.data.prepare.likeness.parts import parts_of
from stillroom.data.prepare.likeness.shingles import SHINGLE
from stillroom.data.prepare.likeness.texts import short_below
from stillroom.data.prepare.rows import table
from stillroom.data.prepare.settings.deduplicate import DeduplicateSettings
from stillroom.data.prepare.stages.deduplicate import Deduplicate

SETTINGS = DeduplicateSettings()
_TABLE = 2048


class Pass(NamedTuple):
    """One pass over the rows: what it took, and the copies with what they are copies of."""

    seconds: float
    copies: list[tuple[str, str]]


def by_stillroom(rows: Sequence[dict[str, Any]]) -> Pass:
    """Deduplicate rows in this process."""
    tables = [table(rows[at : at + _TABLE]) for at in range(0, len(rows), _TABLE)]
    stage = Deduplicate(SETTINGS)
    start = time.perf_counter()
    decided = stage.decide(stage.survey(each) for each in tables)
    dropped = [row for each in tables for row in decided.apply(each).dropped.to_pylist()]
    return Pass(time.perf_counter() - start, [(row["id"], row["because_of"]) for row in dropped])


def by_datasketch(rows: Sequence[dict[str, Any]]) -> Pass:
    """Deduplicate rows with ``MinHashLSH``."""
    from datasketch import MinHash, MinHashLSH

    bands = choose_bands(SETTINGS.permutations, SETTINGS.threshold)
    permutations = bands.number * bands.rows
    tables = [table(rows[at : at + _TABLE]) for at in range(0, len(rows), _TABLE)]
    start = time.perf_counter()
    index, kept, copies = MinHashLSH(num_perm=permutations, params=tuple(bands)), {}, []
    empty = MinHash(permutations)
    for each in tables:
        for id, shingles in zip(each["id"].to_pylist(), _shingles(each), strict=True):
            sketch = empty.copy()
            sketch.update_batch(shingles)
            near = (
                other for other in index.query(sketch) if kept[other].jaccard(sketch) >= SETTINGS.threshold
            )
            if (original := next(near, None)) is None:
                index.insert(id, sketch)
                kept[id] = sketch
            else:
                copies.append((id, original))
    return Pass(time.perf_counter() - start, copies)


def _shingles(rows: Any) -> Iterator[list[bytes]]:
    """The shingles that Stillroom makes of each row: five words, or five letters where the text is short."""
    border = short_below(SETTINGS.threshold)
    for words in parts_of(rows).whole:
        text: Any = words if len(words) >= border else " ".join(words)
        runs = (text[at : at + SHINGLE] for at in range(max(1, len(text) - SHINGLE + 1)))
        yield [(run if isinstance(run, str) else " ".join(run)).encode() for run in runs]
