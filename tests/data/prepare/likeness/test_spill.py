"""Spilled arrays are what was written, whatever the number of pieces."""

from __future__ import annotations

import numpy as np

from stillroom.data.prepare.likeness.ragged import Ragged
from stillroom.data.prepare.likeness.shingles import Sets, sampled
from stillroom.data.prepare.likeness.spill import Spill, SpilledSets


def test_rows_come_back_in_order() -> None:
    spill = Spill(np.uint64, 3)
    rows = np.arange(12, dtype=np.uint64).reshape(4, 3)
    for piece in (rows[:1], rows[1:1], rows[1:]):
        spill.add(piece)
    assert (spill.mapped() == rows).all()


def test_nothing_written_is_an_empty_array() -> None:
    assert Spill(np.uint64, 3).mapped().shape == (0, 3)
    assert len(SpilledSets().mapped().members) == 0


def test_sets_come_back() -> None:
    made = sampled(Ragged.of([np.arange(n, dtype=np.uint64) for n in (0, 4, 30)], np.uint64), 10)
    spilled = SpilledSets()
    for places in ([0], [1, 2]):
        spilled.add(made.take(np.array(places)))
    back: Sets = spilled.mapped()
    assert (back.members.values == made.members.values).all()
    assert (back.members.starts == made.members.starts).all()
    assert (back.limits == made.limits).all()
