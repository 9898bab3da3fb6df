"""In-hospital death from the first 48 hours in intensive care: PhysioNet/CinC Challenge 2012, set A."""

from __future__ import annotations

from collections import Counter
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from stillroom.data.bedside.columns import read_columns
from stillroom.data.bedside.grid import falls
from stillroom.data.bedside.physionet2012_stays import (
    EVENTS,
    HOURS,
    OUTCOMES,
    SOURCE,
    STATIC,
    events_of,
    keys_of,
    series_of,
    static_of,
)
from stillroom.data.bedside.settings import FolderSettings
from stillroom.data.bedside.splitting import GIVEN
from stillroom.data.bedside.vitals import VITALS
from stillroom.types import SPLITS, Split
from stillroom.types.cases import Case, Cohort, Head


class Physionet2012Settings(FolderSettings):
    """The first hours of adult stays in intensive care, and whether the patient left the hospital alive."""

    task: Literal["icu_mortality"]
    hours: int = Field(default=HOURS, ge=1, le=HOURS, description="hours since admission that are read")
    fall_mmhg: float = Field(
        default=20, gt=0, description="a fall of mean arterial pressure by this much is a critical event"
    )
    fall_hours: int = Field(default=2, ge=1, description="within so many hours")


def build(settings: Physionet2012Settings) -> Cohort:
    """Read stays as hourly grids of 37 measurements, seven descriptors beside them, on the split that is given.

    Values of another unit are converted, impossible ones are taken for missing; stays without any measurement are left
    out. All are counted.

    Raises:
        DataError: a file or a column is missing.
        MissingExtraError: PyArrow is absent.
    """
    outcomes = read_columns(
        settings.folder / OUTCOMES, {"record_id": np.int64, "in_hospital_death": np.int64, "split": np.str_}
    )
    records = outcomes["record_id"]
    events = events_of(settings.folder / EVENTS, records, settings.hours)
    mended: Counter[str] = Counter()
    series = series_of(events, len(records), settings.hours, mended)
    static = static_of(events, len(records), mended)
    cases: dict[Split, list[Case]] = {split: [] for split in SPLITS}
    empty = 0
    for at, record in enumerate(records):
        if not np.isfinite(series[at]).any():
            empty += 1
            continue
        cases[GIVEN[str(outcomes["split"][at])]].append(
            Case(
                id=f"physionet2012/{record}",
                group=str(record),
                inputs={"series": series[at], "static": static[at]},
                target=np.asarray(outcomes["in_hospital_death"][at], dtype=np.int64),
                keys=keys_of(static[at]),
                focus=_focus(series[at], settings),
            )
        )
    return Cohort(
        name="physionet2012",
        sources=(SOURCE,),
        head=Head("classes", ("survived", "died")),
        channels={"series": tuple(VITALS), "static": STATIC},
        splits={split: tuple(of) for split, of in cases.items()},
        dropped={"no measurement in these hours": empty} if empty else {},
        mended=dict(mended),
        split_rule="as published with the data: by a hash of the stay",
    )


def _focus(series: NDArray[np.float32], settings: Physionet2012Settings) -> NDArray[np.float32]:
    """Attention on the hours in which mean arterial pressure, invasive or not, falls suddenly; 0 where none does."""
    names = list(VITALS)
    pressures = series[:, [names.index("MAP"), names.index("NIMAP")]].T
    critical = falls(pressures, settings.fall_mmhg, settings.fall_hours).any(0)
    return np.asarray(critical / max(critical.sum(), 1), dtype=np.float32)
