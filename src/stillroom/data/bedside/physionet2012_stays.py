"""Stays of the PhysioNet/CinC Challenge 2012 as they are written: measurements, hourly grids, descriptors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stillroom.data.bedside.columns import read_columns
from stillroom.data.bedside.grid import hourly_means
from stillroom.data.bedside.vitals import VITALS, possible
from stillroom.types import Source

HOURS = 48
STATIC = ("age", "male", "height_cm", "coronary", "cardiac_recovery", "medical", "surgical")
EVENTS, OUTCOMES = "set_a_events.parquet", "set_a_outcomes.csv"
_UNITS = ("coronary", "cardiac recovery", "medical", "surgical")

SOURCE = Source(
    name="PhysioNet/CinC Challenge 2012, set A",
    version="1.0.0",
    licence="ODC-BY-1.0",
    url="https://physionet.org/content/challenge-2012/1.0.0/",
    citation="Silva et al. 2012, Computing in Cardiology 39; Goldberger et al. 2000, Circulation 101(23).",
)

Events = Mapping[str, NDArray[Any]]
"""Measurements: ``case`` (the stay's place), ``minute``, ``parameter`` and ``value``."""


def events_of(path: Path, records: NDArray[Any], hours: int) -> Events:
    """Measurements of the known stays within the hours that are read; ``case`` is the stay's place."""
    wanted = {"record_id": np.int64, "minute": np.int64, "parameter": np.str_, "value": np.float64}
    events = read_columns(path, wanted)
    order = np.argsort(records)
    place = np.minimum(np.searchsorted(records, events["record_id"], sorter=order), len(records) - 1)
    case = order[place]
    kept = (records[case] == events["record_id"]) & (events["minute"] <= hours * 60)
    return {"case": case[kept]} | {name: values[kept] for name, values in events.items()}


def series_of(events: Events, stays: int, hours: int, mended: Counter[str]) -> NDArray[np.float32]:
    """Hourly means of the measurements, ``(stays, hours, channels)``; what was changed is counted in ``mended``."""
    value, channel = np.full(len(events["case"]), np.nan), np.zeros(len(events["case"]), dtype=np.int64)
    for number, (name, vital) in enumerate(VITALS.items()):
        mine = events["parameter"] == name
        given = events["value"][mine]
        value[mine], account = possible(name, np.where(given == -1, np.nan, given), vital)
        channel[mine] = number
        mended.update(account)
    shape = (stays, hours, len(VITALS))
    return hourly_means(events["case"], events["minute"], channel, value, shape=shape)


def static_of(events: Events, stays: int, mended: Counter[str]) -> NDArray[np.float32]:
    """Age, sex, height and the kind of unit, one column for each kind; missing where −1 or not possible."""
    static = np.full((stays, len(STATIC)), np.nan, dtype=np.float32)
    ranges = {"Age": (15, 120), "Gender": (0, 1), "Height": (100, 230), "ICUType": (1, len(_UNITS))}
    for column, (name, (low, high)) in enumerate(ranges.items()):
        mine = (events["parameter"] == name) & (events["minute"] == 0) & (events["value"] != -1)
        case, value = events["case"][mine], events["value"][mine]
        right = (low <= value) & (value <= high)
        if not right.all():
            mended[f"{name}: out of range, taken for missing"] += int((~right).sum())
        if name == "ICUType":
            static[case[right], 3:] = np.eye(len(_UNITS))[value[right].astype(np.int64) - 1]
        else:
            static[case[right], column] = value[right]
    return static


def keys_of(static: NDArray[np.float32]) -> dict[str, str]:
    """Subgroups of a stay, from its descriptors."""
    age, male, unit = static[0], static[1], static[3:]
    bands = ((65, "under 65"), (80, "65 to 79"), (np.inf, "80 and over"))
    return {
        "sex": "unknown" if np.isnan(male) else "male" if male else "female",
        "age": "unknown" if np.isnan(age) else next(name for limit, name in bands if age < limit),
        "unit": "unknown" if np.isnan(unit).any() else _UNITS[int(unit.argmax())],
    }
