"""Deduplication: exact copies by key, near copies by MinHash and Jaccard; the best copy stays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import pyarrow as pa

from stillroom.data.prepare.likeness.bands import Bands, choose_bands
from stillroom.data.prepare.settings.deduplicate import DeduplicateSettings
from stillroom.data.prepare.stage import Stage
from stillroom.data.prepare.stages.deduplicate.decide import verdicts
from stillroom.data.prepare.stages.deduplicate.gathered import gathered
from stillroom.data.prepare.stages.deduplicate.note import Note, note_of


@dataclass(frozen=True)
class Deduplicate:
    """Leaves out copies, in and across sources.

    Exact copies have the same words in question (prompt and options), context and answer, whatever their case, spacing
    and punctuation. Near copies (:mod:`stillroom.data.prepare.likeness.near`) are looked for where a band of MinHash
    signatures is the same. The best copy stays (``ranks`` in ``gathered.py``), and a row is left out only because of a
    row that stays (``settle.py``).

    Rows that ask the same and answer it otherwise are no copies. They are counted, and left out only where the
    settings say so. Rows of a benchmark all go on, and nothing is left out because of them: what is near to them is for
    :mod:`stillroom.data.prepare.stages.isolate` to find and to name.
    """

    settings: DeduplicateSettings
    name: str = field(default="deduplicate", init=False)

    def survey(self, rows: pa.Table) -> Note:
        """Note keys, shingles and bands of a table."""
        return note_of(rows, self.settings.threshold, self._bands)

    def decide(self, surveys: Iterable[Note]) -> Stage:
        """Judge all rows."""
        return verdicts(gathered(surveys, self._bands), self.settings)

    @property
    def _bands(self) -> Bands:
        return choose_bands(self.settings.permutations, self.settings.threshold)
