"""The second half of isolation: leaving out what gives a test item away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stillroom.data.prepare.likeness.bands import choose_bands
from stillroom.data.prepare.likeness.parts import parts_of
from stillroom.data.prepare.likeness.profiles import hashed, profiles_of
from stillroom.data.prepare.settings.isolate import IsolateSettings
from stillroom.data.prepare.stage import DROPPED, Outcome
from stillroom.data.prepare.stages.isolate.items import Items
from stillroom.data.prepare.stages.isolate.leaks import Leaks, held, near_copies, related
from stillroom.data.prepare.stages.isolate.note import tested
from stillroom.data.prepare.stages.isolate.taught import Taught
from stillroom.types import DataError

HOLDS = "holds a test item"
NEAR = "a near copy of a test item"
TAUGHT = "a test item that the teacher was trained on"
SHARES = "rows_sharing_13_words_with_a_test_item"
KNOWN = "rows_the_teacher_was_trained_on"

Column = NDArray[np.object_]


@dataclass(frozen=True)
class Isolated:
    """Leaves out rows that give a test item away, and test items that the teacher knows.

    Attributes:
        settings: of the stage.
        items: test items of all tables.
        taught: what the teacher was trained on.
    """

    settings: IsolateSettings
    items: Items
    taught: Taught
    name: str = field(default="isolate", init=False)

    def apply(self, rows: pa.Table) -> Outcome:
        """Compare a table with all test items.

        Raises:
            DataError: a row gives one away, and the settings say that this ends the preparation.
        """
        tests = tested(rows)
        facts = {SHARES: 0, KNOWN: 0}
        reasons, because_of = np.full((2, rows.num_rows), "", object)
        reasons[~tests], because_of[~tests] = self._judged(rows.filter(pa.array(~tests)), facts)
        if self.settings.leaks == "fail" and reasons.any():
            raise _leak(rows["id"].to_pylist(), reasons, because_of)
        known = self.taught.among(self.items.profiles.facts)
        ids = hashed(rows["id"].to_pylist())
        reasons[tests & np.isin(ids, self.items.profiles.facts["id"][known])] = TAUGHT
        return _parted(rows, reasons, because_of, facts)

    def _judged(self, rows: pa.Table, facts: dict[str, int]) -> tuple[Column, Column]:
        """Why each row to learn from is left out, and because of which item."""
        reasons, because_of = np.full((2, rows.num_rows), "", object)
        for reason, leaks in self._leaks(rows, facts):
            new = reasons[leaks.rows] == ""
            reasons[leaks.rows[new]] = reason
            because_of[leaks.rows[new]] = self.items.ids.take(pa.array(leaks.items[new])).to_pylist()
        return reasons, because_of

    def _leaks(self, rows: pa.Table, facts: dict[str, int]) -> Iterator[tuple[str, Leaks]]:
        """The leaks of every kind, the plainest first; what is only counted goes into ``facts``."""
        settings, parts = self.settings, parts_of(rows)
        holding, sharing = held(self.items, parts, settings.share)
        facts[SHARES] = len(np.setdiff1d(sharing, holding.rows))
        yield HOLDS, holding
        bands = choose_bands(settings.permutations, settings.threshold)
        everyone = np.ones(rows.num_rows, bool)
        profiles = profiles_of(rows, parts, parts.asked, everyone, settings.threshold, bands)
        facts[KNOWN] = int(self.taught.among(profiles.facts).sum())
        yield NEAR, near_copies(self.items, profiles, settings.threshold)
        for group, leaks in related(self.items, rows):
            yield f"of the {group} of a test item", leaks


def _parted(rows: pa.Table, reasons: Column, because_of: Column, facts: dict[str, int]) -> Outcome:
    gone = reasons != ""
    columns = [rows["id"].filter(pa.array(gone)), reasons[gone].tolist(), because_of[gone].tolist()]
    dropped = pa.Table.from_arrays(
        [columns[0], *(pa.array(column, pa.string()) for column in columns[1:])], schema=DROPPED
    )
    return Outcome(rows.filter(pa.array(~gone)), dropped, facts=facts)


def _leak(ids: list[str], reasons: Column, because_of: Column) -> DataError:
    leaks = np.flatnonzero(reasons)
    named = ", ".join(f"{ids[row]!r} ({because_of[row]!r})" for row in leaks[:5].tolist())
    return DataError(
        f"{len(leaks)} rows to learn from give test items away: {named}{', …' * (len(leaks) > 5)}",
        "no row that holds, or is near, a test item",
        "take these rows out of their source, or set isolate.leaks to drop",
    )
