"""The split, once it is known where every group belongs."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stillroom.data.prepare.dropping import leave_out
from stillroom.data.prepare.grouping import Digests, group_keys, groups_of
from stillroom.data.prepare.rows import ROW
from stillroom.data.prepare.stage import Outcome
from stillroom.types import SPLITS


@dataclass(frozen=True)
class Divided:
    """Puts every row on the side of its group.

    Attributes:
        known: every key that a row has, sorted.
        sides: of the group of each key, its place in ``SPLITS``.
        held_out: whether that group was held out by its source or a benchmark, so that no row of it may say otherwise.
        keeps: whether what sources say of their splits counts.
    """

    known: Digests
    sides: NDArray[np.int8]
    held_out: NDArray[np.bool_]
    keeps: bool
    name: str = field(default="split", init=False)

    def apply(self, rows: pa.Table) -> Outcome:
        """Write the split into each row."""
        keys, before = group_keys(rows), rows["split"].to_pylist()
        now = [SPLITS[side] for side in groups_of(keys, self.known, self.sides).tolist()]
        bound = groups_of(keys, self.known, self.held_out) & ~rows["benchmark"].to_numpy() & self.keeps
        reasons = [
            f"its patient, document or concept is in the {side} split"
            if held and own not in ("", side)
            else ""
            for own, side, held in zip(before, now, bound.tolist(), strict=True)
        ]
        at = ROW.get_field_index("split")
        placed = rows.set_column(at, ROW.field("split"), pa.array(now, pa.string()))
        kept, dropped, mask = leave_out(placed, reasons)
        changed = sum(
            one != other for one, other, keep in zip(before, now, mask.tolist(), strict=True) if keep
        )
        return Outcome(kept, dropped, changed)
