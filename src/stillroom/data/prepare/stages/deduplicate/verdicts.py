"""The second half of deduplication: leaving out what was judged a copy."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stillroom.data.hashing import digest
from stillroom.data.prepare.stage import DROPPED, Outcome

EXACT, NEAR, CONTRADICTION = range(3)
REASONS = ("an exact copy", "a near copy", "another row gives the same question another answer")
ANSWERED_OTHERWISE = "rows_whose_question_has_another_answer"


@dataclass(frozen=True)
class Verdicts:
    """Leaves out the rows that were judged, and counts those whose question has another answer elsewhere.

    Attributes:
        ids: hashes of the rows that are left out, in rising order.
        reasons: why, places in ``REASONS``.
        because_of: the rows that stay in their place.
        answered_otherwise: hashes of the rows whose question another row answers otherwise, in rising order.
    """

    ids: NDArray[np.uint64]
    reasons: NDArray[np.uint8]
    because_of: pa.StringArray
    answered_otherwise: NDArray[np.uint64]
    name: str = field(default="deduplicate", init=False)

    def apply(self, rows: pa.Table) -> Outcome:
        """Leave copies out of a table."""
        ids = np.array([digest(id) for id in rows["id"].to_pylist()], np.uint64)
        places, gone = _found(self.ids, ids)
        reasons = [REASONS[reason] for reason in self.reasons[places[gone]].tolist()]
        because_of = self.because_of.take(pa.array(places[gone]))
        dropped = pa.Table.from_arrays(
            [rows["id"].filter(pa.array(gone)), pa.array(reasons, pa.string()), because_of], schema=DROPPED
        )
        answered = _found(self.answered_otherwise, ids[~gone])[1]
        return Outcome(rows.filter(pa.array(~gone)), dropped, facts={ANSWERED_OTHERWISE: int(answered.sum())})


def _found(
    ordered: NDArray[np.uint64], wanted: NDArray[np.uint64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Where each number would stand, and whether it does."""
    places = np.searchsorted(ordered, wanted)
    inside = np.minimum(places, max(len(ordered) - 1, 0))
    return places, (places < len(ordered)) & (ordered[inside] == wanted if len(ordered) else False)
