"""Two questions to the same first 48 hours in intensive care: death, and a long stay. PhysioNet/CinC Challenge 2012."""

from __future__ import annotations

from collections import Counter
from typing import Literal

import numpy as np
from pydantic import Field

from stillroom.data.bedside.columns import read_columns
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

DIED, LONG = "died in hospital", "long stay"


class IcuOutcomesSettings(FolderSettings):
    """The first hours of adult stays, whether the patient died, and whether the stay in hospital was a long one."""

    task: Literal["icu_outcomes"]
    hours: int = Field(default=HOURS, ge=1, le=HOURS, description="hours since admission that are read")
    long_days: float = Field(default=14, gt=0, description="a stay of more days is a long one")


def build(settings: IcuOutcomesSettings) -> Cohort:
    """Read stays as ``icu_mortality`` does, with two labels each.

    A long stay of which the length is not written down is not known (NaN) in the training split, where the other label
    still teaches; such stays are left out of the others and counted.

    Raises:
        DataError: a file or a column is missing.
        MissingExtraError: PyArrow is absent.
    """
    columns = {
        "record_id": np.int64,
        "in_hospital_death": np.int64,
        "length_of_stay": np.float64,
        "split": np.str_,
    }
    outcomes = read_columns(settings.folder / OUTCOMES, columns)
    records = outcomes["record_id"]
    events = events_of(settings.folder / EVENTS, records, settings.hours)
    mended: Counter[str] = Counter()
    series = series_of(events, len(records), settings.hours, mended)
    static = static_of(events, len(records), mended)
    cases: dict[Split, list[Case]] = {split: [] for split in SPLITS}
    dropped: Counter[str] = Counter()
    for at, record in enumerate(records):
        days, split = float(outcomes["length_of_stay"][at]), GIVEN[str(outcomes["split"][at])]
        if not np.isfinite(series[at]).any():
            dropped["no measurement in these hours"] += 1
        elif days < 0 and split != "train":
            dropped["length of stay not known"] += 1
        else:
            long = np.nan if days < 0 else float(days > settings.long_days)
            died = float(outcomes["in_hospital_death"][at])
            cases[split].append(
                Case(
                    id=f"physionet2012/{record}",
                    group=str(record),
                    inputs={"series": series[at], "static": static[at]},
                    target=np.array([died, long], dtype=np.float32),
                    keys=keys_of(static[at]),
                )
            )
    return Cohort(
        name="physionet2012_outcomes",
        sources=(SOURCE,),
        head=Head("labels", (DIED, LONG)),
        channels={"series": tuple(VITALS), "static": STATIC},
        splits={split: tuple(of) for split, of in cases.items()},
        dropped=dict(dropped),
        mended=dict(mended),
        split_rule="as published with the data: by a hash of the stay",
    )
