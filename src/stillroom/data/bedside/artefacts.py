"""Arterial pressures that no heart made: a flushed line, a moved cuff, a transducer off its height."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

PRESSURES = (("MAP", "SysABP", "DiasABP"), ("NIMAP", "NISysABP", "NIDiasABP"))
"""Mean, systolic and diastolic pressure, from a line and from a cuff."""

_ROUNDING_MMHG = 2.0
_SPIKE_MMHG = 40.0
_NEAR_MINUTES = 120

Marks = NDArray[np.bool_]


def artefacts(events: Mapping[str, NDArray[Any]]) -> Marks:
    """Mark mean pressures that contradict what was measured beside, before and after them.

    A mean pressure is an artefact where it lies outside the systolic and the diastolic one of the same minute (by more
    than 2 mmHg, for rounding), or where it jumps by more than 40 mmHg away from the readings before and after it, both
    within two hours.

    Args:
        events: ``case``, ``minute``, ``parameter`` and ``value`` of each measurement.

    Returns:
        One mark for each measurement; other measurements are never marked.

    >>> names = np.array(["MAP"] * 3 + ["SysABP", "DiasABP"])
    >>> minute, value = np.array([0, 60, 120, 120, 120]), np.array([80.0, 20.0, 82.0, 81.0, 70.0])
    >>> artefacts({"case": np.zeros(5, int), "minute": minute, "parameter": names, "value": value}).tolist()
    [False, True, False, False, False]
    """
    marks = np.zeros(len(events["case"]), dtype=bool)
    for mean, systolic, diastolic in PRESSURES:
        mine = np.flatnonzero(events["parameter"] == mean)
        marks[mine] = (
            (events["value"][mine] > _beside(events, mine, systolic) + _ROUNDING_MMHG)
            | (events["value"][mine] < _beside(events, mine, diastolic) - _ROUNDING_MMHG)
            | spikes(events["case"][mine], events["minute"][mine], events["value"][mine])
        )
    return marks


def spikes(case: NDArray[Any], minute: NDArray[Any], value: NDArray[Any]) -> Marks:
    """Readings that lie more than 40 mmHg above both neighbours in time, or below both."""
    order = np.lexsort((minute, case))
    stay, time, read = case[order], minute[order], value[order]
    near = (stay[1:] == stay[:-1]) & (np.diff(time) <= _NEAR_MINUTES)
    step = np.where(near, np.diff(read), 0.0)
    found = np.zeros(len(value), dtype=bool)
    away, back = step[:-1], step[1:]
    found[order[1:-1]] = (np.minimum(abs(away), abs(back)) > _SPIKE_MMHG) & (away * back < 0)
    return found


def _beside(events: Mapping[str, NDArray[Any]], mine: NDArray[np.intp], other: str) -> NDArray[np.float64]:
    """Another measurement of the same stay and minute; NaN where there is none."""
    theirs = events["parameter"] == other
    span = int(events["minute"].max(initial=0)) + 1
    keys, wanted = (
        events["case"] * span + events["minute"],
        events["case"][mine] * span + events["minute"][mine],
    )
    known, first = np.unique(keys[theirs], return_index=True)
    if not len(known):
        return np.full(len(mine), np.nan)
    place = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    values = events["value"][theirs][first][place]
    return np.where(known[place] == wanted, values, np.nan)
