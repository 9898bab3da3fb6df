"""Leaving rows out, each with its reason."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stillroom.data.prepare.stage import DROPPED


def leave_out(rows: pa.Table, reasons: Sequence[str]) -> tuple[pa.Table, pa.Table, NDArray[np.bool_]]:
    """Part a table into the rows that go on and those that do not.

    Args:
        rows: as ``ROW``.
        reasons: why each row is left out; empty for a row that goes on.

    Returns:
        The rows that go on, the others as ``DROPPED``, and the mask of the former.
    """
    kept = np.array([not reason for reason in reasons], bool)
    if kept.all():
        return rows, DROPPED.empty_table(), kept
    gone = rows.filter(pa.array(~kept))
    why = [reason for reason in reasons if reason]
    columns = [gone["id"], pa.array(why, pa.string()), pa.array([""] * len(why), pa.string())]
    return rows.filter(pa.array(kept)), pa.Table.from_arrays(columns, schema=DROPPED), kept
