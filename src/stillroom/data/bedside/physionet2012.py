"""In-hospital death from the first 48 hours in intensive care: PhysioNet/CinC Challenge 2012, set A."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from stillroom.data.bedside.columns import read_columns
from stillroom.data.bedside.grid import falls, hourly_means
from stillroom.data.bedside.settings import FolderSettings
from stillroom.data.bedside.splitting import GIVEN
from stillroom.data.bedside.vitals import VITALS, possible
from stillroom.types import SPLITS, Source, Split
from stillroom.types.cases import Case, Cohort, Head

HOURS = 48
STATIC = ("age", "male", "height_cm", "coronary", "cardiac_recovery", "medical", "surgical")
_UNITS = ("coronary", "cardiac recovery", "medical", "surgical")
_EVENTS, _OUTCOMES = "set_a_events.parquet", "set_a_outcomes.csv"

SOURCE = Source(
    name="PhysioNet/CinC Challenge 2012, set A",
    version="1.0.0",
    licence="ODC-BY-1.0",
    url="https://physionet.org/content/challenge-2012/1.0.0/",
    citation="Silva et al. 2012, Computing in Cardiology 39; Goldberger et al. 2000, Circulation 101(23).",
)


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
        settings.folder / _OUTCOMES, {"record_id": np.int64, "in_hospital_death": np.int64, "split": np.str_}
    )
    records = outcomes["record_id"]
    events = _events(settings.folder / _EVENTS, records, settings.hours)
    mended: Counter[str] = Counter()
    series = _series(events, len(records), settings.hours, mended)
    static = _static(events, len(records), mended)
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
                keys=_keys(static[at]),
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


def _events(path: Path, records: NDArray[Any], hours: int) -> Mapping[str, NDArray[Any]]:
    """Measurements of the known stays within the hours that are read; ``case`` is the stay's place."""
    wanted = {"record_id": np.int64, "minute": np.int64, "parameter": np.str_, "value": np.float64}
    events = read_columns(path, wanted)
    order = np.argsort(records)
    place = np.minimum(np.searchsorted(records, events["record_id"], sorter=order), len(records) - 1)
    case = order[place]
    kept = (records[case] == events["record_id"]) & (events["minute"] <= hours * 60)
    return {"case": case[kept]} | {name: values[kept] for name, values in events.items()}


def _series(
    events: Mapping[str, NDArray[Any]], stays: int, hours: int, mended: Counter[str]
) -> NDArray[np.float32]:
    value, channel = np.full(len(events["case"]), np.nan), np.zeros(len(events["case"]), dtype=np.int64)
    for number, (name, vital) in enumerate(VITALS.items()):
        mine = events["parameter"] == name
        given = events["value"][mine]
        value[mine], account = possible(name, np.where(given == -1, np.nan, given), vital)
        channel[mine] = number
        mended.update(account)
    shape = (stays, hours, len(VITALS))
    return hourly_means(events["case"], events["minute"], channel, value, shape=shape)


def _static(events: Mapping[str, NDArray[Any]], stays: int, mended: Counter[str]) -> NDArray[np.float32]:
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


def _keys(static: NDArray[np.float32]) -> dict[str, str]:
    age, male, unit = static[0], static[1], static[3:]
    bands = ((65, "under 65"), (80, "65 to 79"), (np.inf, "80 and over"))
    return {
        "sex": "unknown" if np.isnan(male) else "male" if male else "female",
        "age": "unknown" if np.isnan(age) else next(name for limit, name in bands if age < limit),
        "unit": "unknown" if np.isnan(unit).any() else _UNITS[int(unit.argmax())],
    }


def _focus(series: NDArray[np.float32], settings: Physionet2012Settings) -> NDArray[np.float32]:
    """Attention on the hours in which mean arterial pressure, invasive or not, falls suddenly; 0 where none does."""
    names = list(VITALS)
    pressures = series[:, [names.index("MAP"), names.index("NIMAP")]].T
    critical = falls(pressures, settings.fall_mmhg, settings.fall_hours).any(0)
    return np.asarray(critical / max(critical.sum(), 1), dtype=np.float32)
