"""A monitor, a laboratory, a note and descriptors of one stay, some of them missing: PhysioNet/CinC Challenge 2012.

The set has no notes. What stands for one is a vector of marks for what a nurse's first note would say: whether the
patient is ventilated, awake, cold, old, in which unit. It is derived from the first six hours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from stillroom.data.bedside import physionet2012
from stillroom.data.bedside.modalities import COMPLETE, with_pattern
from stillroom.data.bedside.physionet2012_stays import HOURS
from stillroom.data.bedside.settings import FolderSettings
from stillroom.data.bedside.vitals import VITALS
from stillroom.types import Split
from stillroom.types.cases import Case, Cohort

MONITOR = (
    "HR",
    "MAP",
    "NIMAP",
    "SysABP",
    "NISysABP",
    "DiasABP",
    "NIDiasABP",
    "RespRate",
    "SaO2",
    "Temp",
    "Urine",
)
LABORATORY = tuple(
    name for name in VITALS if name not in {*MONITOR, "GCS", "MechVent", "Weight", "FiO2", "Cholesterol"}
)
NOTE = ("ventilated", "awake", "comatose", "cold", "feverish", "old", "coronary", "surgical")
PATTERNS: Mapping[str, tuple[str, ...]] = {
    COMPLETE: (),
    "no laboratory": ("labs",),
    "no note": ("note", "static"),
    "monitor alone": ("labs", "note", "static"),
}
_FIRST_HOURS = 6


class IcuModalitiesSettings(FolderSettings):
    """Death in hospital from four modalities; test and validation stays have all of them, or lack some."""

    task: Literal["icu_modalities"]
    hours: int = Field(
        default=HOURS, ge=_FIRST_HOURS, le=HOURS, description="hours since admission that are read"
    )


def build(settings: IcuModalitiesSettings) -> Cohort:
    """Read stays as ``icu_mortality`` does and divide them into modalities.

    Training stays are complete: what a student does not read there is privileged, for its teacher alone. Of the others
    a hash of the stay decides which modalities are missing.

    Raises:
        DataError: a file or a column is missing.
        MissingExtraError: PyArrow is absent.
    """
    whole = physionet2012.build(
        physionet2012.Physionet2012Settings(
            task="icu_mortality", folder=settings.folder, hours=settings.hours
        )
    )
    splits: dict[Split, tuple[Case, ...]] = {}
    for split, cases in whole.splits.items():
        divided = [_divided(case) for case in cases]
        splits[split] = tuple(
            replace(case, keys={**case.keys, "pattern": COMPLETE})
            if split == "train"
            else with_pattern(case, PATTERNS)
            for case in divided
        )
    return replace(
        whole,
        name="physionet2012_modalities",
        channels={"series": MONITOR, "labs": LABORATORY, "note": NOTE, "static": whole.channels["static"]},
        splits=splits,
    )


def _divided(case: Case) -> Case:
    series, static = case.inputs["series"], case.inputs["static"]
    inputs = {
        "series": series[:, [_at(name) for name in MONITOR]],
        "labs": _last(series[:, [_at(name) for name in LABORATORY]]),
        "note": _note(series[:_FIRST_HOURS], static),
        "static": static,
    }
    return replace(case, inputs=inputs, focus=None)


def _last(series: NDArray[np.float32]) -> NDArray[np.float32]:
    """The last value of each channel, NaN where there is none."""
    known = np.isfinite(series)
    last = len(series) - 1 - known[::-1].argmax(axis=0)
    return np.asarray(
        np.where(known.any(axis=0), series[last, np.arange(series.shape[1])], np.nan), np.float32
    )


def _note(first: NDArray[np.float32], static: NDArray[np.float32]) -> NDArray[np.float32]:
    """Marks of what a first note would say; NaN where nothing was written down that tells."""
    coma, cold = _worst(first, "GCS", np.fmin), _worst(first, "Temp", np.fmin)
    warm, ventilated = _worst(first, "Temp", np.fmax), _worst(first, "MechVent", np.fmax)
    told = (
        (float(ventilated > 0), 0.0),
        (coma >= 15, coma),
        (coma <= 8, coma),
        (cold < 35, cold),
        (warm > 38.5, warm),
        (static[0] >= 80, static[0]),
        (static[3] == 1, static[3]),
        (static[6] == 1, static[6]),
    )
    return np.array([np.nan if np.isnan(of) else float(mark) for mark, of in told], dtype=np.float32)


def _worst(first: NDArray[np.float32], name: str, extreme: np.ufunc) -> float:
    return float(extreme.reduce(first[:, _at(name)]))


def _at(name: str) -> int:
    return list(VITALS).index(name)
