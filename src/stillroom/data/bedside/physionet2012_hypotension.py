"""Low blood pressure in the next hours, asked again and again within a stay: PhysioNet/CinC Challenge 2012, set A.

Every few hours of a stay: will mean arterial pressure lie below a limit within the next hours? What comes true some
hours later is a label of this very patient's, which is what a student can be adapted by.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from stillroom.data.bedside.artefacts import artefacts
from stillroom.data.bedside.columns import read_columns
from stillroom.data.bedside.physionet2012_stays import (
    EVENTS,
    HOURS,
    OUTCOMES,
    SOURCE,
    STATIC,
    Events,
    events_of,
    keys_of,
    series_of,
    static_of,
)
from stillroom.data.bedside.settings import FolderSettings
from stillroom.data.bedside.splitting import GIVEN
from stillroom.data.bedside.vitals import VITALS
from stillroom.data.bedside.windows import known_at
from stillroom.types import SPLITS, DataError, Split
from stillroom.types.cases import UNKNOWN, Case, Cohort, Head


class HypotensionSettings(FolderSettings):
    """Forecasts of low mean arterial pressure, every few hours of a stay."""

    task: Literal["icu_hypotension"]
    limit_mmhg: float = Field(default=65, gt=0, description="low: an hour's mean pressure below this")
    horizon_hours: int = Field(default=4, ge=1, le=24, description="hours ahead that are asked about")
    window_hours: int = Field(default=24, ge=1, le=HOURS, description="hours before that are read")
    first_hour: int = Field(default=4, ge=1, description="hour of the first forecast")
    every_hours: int = Field(default=4, ge=1, description="hours from one forecast to the next")


def build(settings: HypotensionSettings) -> Cohort:
    """Read forecasts of all stays, on the split that is given, which is one of stays.

    Pressure is that of the line where there is one, else that of the cuff. Artefacts are missing, in labels and inputs
    alike, and counted. A forecast whose hours hold no pressure, or that has nothing to read, is left out and counted.

    Raises:
        DataError: a file or a column is missing.
        MissingExtraError: PyArrow is absent.
    """
    outcomes = read_columns(settings.folder / OUTCOMES, {"record_id": np.int64, "split": np.str_})
    records = outcomes["record_id"]
    mended: Counter[str] = Counter()
    events = _plausible(events_of(settings.folder / EVENTS, records, HOURS), mended)
    series = series_of(events, len(records), HOURS, mended)
    static = static_of(events, len(records), mended)
    cases: dict[Split, list[Case]] = {split: [] for split in SPLITS}
    dropped: Counter[str] = Counter()
    last = HOURS - settings.horizon_hours
    for at, record in enumerate(records):
        for case in _forecasts(str(record), series[at], static[at], HOURS, last, settings):
            if case.target == UNKNOWN:
                dropped["no pressure in the hours ahead"] += 1
            elif not np.isfinite(case.inputs["series"]).any():
                dropped["no measurement in the hours before"] += 1
            else:
                cases[GIVEN[str(outcomes["split"][at])]].append(case)
    return Cohort(
        name="physionet2012_hypotension",
        sources=(SOURCE,),
        head=Head("classes", ("no low pressure", "low pressure")),
        channels={"series": tuple(VITALS), "static": STATIC},
        splits={split: tuple(of) for split, of in cases.items()},
        dropped=dict(dropped),
        mended=dict(mended),
        split_rule="as published with the data: by a hash of the stay",
    )


def read_stay(path: Path, settings: HypotensionSettings) -> tuple[Case, ...]:
    """Read the forecasts of one stay under way, from its first to the one that is due now.

    A forecast whose hours have not passed has no label yet. Now is the last full hour with a measurement.

    Args:
        path: Parquet or CSV with the columns ``minute``, ``parameter`` and ``value``, in the units of ``VITALS``.
        settings: of the task.

    Raises:
        DataError: it cannot be read, lacks a column, or has less than the first forecast's hours.
        MissingExtraError: PyArrow is absent.
    """
    read = read_columns(path, {"minute": np.int64, "parameter": np.str_, "value": np.float64})
    mended: Counter[str] = Counter()
    events = _plausible({"case": np.zeros(len(read["minute"]), dtype=np.int64), **read}, mended)
    now = int(read["minute"].max(initial=0)) // 60
    if now < settings.first_hour:
        raise DataError(
            f"{path.name} holds {now} full hours",
            f"at least {settings.first_hour}, of minutes since admission",
            "wait for more measurements",
        )
    series, static = series_of(events, 1, now + 1, mended), static_of(events, 1, mended)
    return tuple(_forecasts("stay", series[0], static[0], now, now, settings))


def _plausible(events: Events, mended: Counter[str]) -> Events:
    """The measurements, artefacts of pressure taken for missing."""
    wrong = artefacts(events)
    if wrong.any():
        mended["mean pressure: artefact, taken for missing"] += int(wrong.sum())
    return {**events, "value": np.where(wrong, np.nan, events["value"])}


def _forecasts(
    stay: str,
    series: NDArray[np.float32],
    static: NDArray[np.float32],
    now: int,
    last: int,
    settings: HypotensionSettings,
) -> Iterator[Case]:
    """A case for each forecast up to the last one; its truth is known if its hours have passed by now."""
    names = list(VITALS)
    line, cuff = series[:, names.index("MAP")], series[:, names.index("NIMAP")]
    pressure = np.where(np.isnan(line), cuff, line)
    for hour in range(settings.first_hour, last + 1, settings.every_hours):
        end = hour + settings.horizon_hours
        ahead = pressure[hour:end] if end <= now else pressure[:0]
        known = ahead[np.isfinite(ahead)]
        yield Case(
            id=f"physionet2012/{stay}@{hour}",
            group=stay,
            inputs={"series": known_at(series, hour, settings.window_hours), "static": static},
            target=np.asarray((known < settings.limit_mmhg).any() if len(known) else UNKNOWN, dtype=np.int64),
            keys=keys_of(static),
            span=(float(hour), float(end)),
        )
