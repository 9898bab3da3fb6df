"""What deduplication has to know of a table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from stillroom.data.prepare.likeness.bands import Bands
from stillroom.data.prepare.likeness.parts import parts_of
from stillroom.data.prepare.likeness.profiles import Profiles, profiles_of


@dataclass(frozen=True)
class Note:
    """What is known of a table.

    Attributes:
        names: columns ``id`` and ``source``.
        profiles: of the rows; those of a benchmark are not among the texts.
    """

    names: pa.Table
    profiles: Profiles


def note_of(rows: pa.Table, threshold: float, bands: Bands) -> Note:
    """Note what has to be known of a table."""
    compared = np.logical_not(rows["benchmark"].to_numpy(zero_copy_only=False))
    parts = parts_of(rows)
    profiles = profiles_of(rows, parts, parts.whole, compared, threshold, bands)
    return Note(rows.select(["id", "source"]), profiles)
