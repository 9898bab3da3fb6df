"""Isolation: nothing of a test is learned from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import pyarrow as pa

from stillroom.data.prepare.likeness.bands import Bands, choose_bands
from stillroom.data.prepare.settings.isolate import IsolateSettings
from stillroom.data.prepare.stage import Stage
from stillroom.data.prepare.stages.isolate.isolated import Isolated
from stillroom.data.prepare.stages.isolate.items import items_of
from stillroom.data.prepare.stages.isolate.note import Note, note_of
from stillroom.data.prepare.stages.isolate.taught import Taught


@dataclass(frozen=True)
class Isolate:
    """Leaves out rows to learn from that give a test item away, across sources and subjects, and names the item.

    Test items are the rows of a benchmark, and those of a source's own test split. A row gives one away where it

    - holds it: of a passage of the item (``passages.py``) at least a share of the runs of 13 words, all of one of 8 to
      12 words, or, as a whole part, one that is shorter;
    - is a near copy of it, as in deduplication, whatever the answer;
    - is of the same patient or document, in one source.

    Rows that share some 13 words with an item, and no more, go on and are counted: much of that is the common speech of
    examinations. Test items that the teacher was trained on are left out, since what they measure is memory.
    """

    settings: IsolateSettings
    name: str = field(default="isolate", init=False)

    def survey(self, rows: pa.Table) -> Note:
        """Note the test items of a table."""
        return note_of(rows, self.settings.threshold, self._bands)

    def decide(self, surveys: Iterable[Note]) -> Stage:
        """Gather test items.

        Raises:
            DataError: the file of the teacher's rows cannot be read.
        """
        return Isolated(
            self.settings, items_of(surveys, self._bands), Taught.read(self.settings.teacher_rows)
        )

    @property
    def _bands(self) -> Bands:
        return choose_bands(self.settings.permutations, self.settings.threshold)
