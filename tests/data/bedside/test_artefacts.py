from __future__ import annotations

import numpy as np
import pytest

from stillroom.data.bedside.artefacts import artefacts, spikes


def marked(*rows: tuple[int, int, str, float]) -> list[bool]:
    case, minute, parameter, value = (np.array(column) for column in zip(*rows, strict=True))
    return artefacts({"case": case, "minute": minute, "parameter": parameter, "value": value}).tolist()


@pytest.mark.parametrize(("mean", "wrong"), [(90.0, False), (121.0, False), (123.0, True), (57.0, True)])
def test_a_mean_pressure_lies_between_the_two_that_were_measured_with_it(mean: float, wrong: bool) -> None:
    assert marked((0, 5, "MAP", mean), (0, 5, "SysABP", 120.0), (0, 5, "DiasABP", 60.0)) == [
        wrong,
        False,
        False,
    ]


def test_pressures_of_another_minute_patient_or_device_say_nothing_of_it() -> None:
    others = ((0, 6, "SysABP", 120.0), (1, 5, "DiasABP", 60.0), (0, 5, "NISysABP", 120.0))
    assert marked((0, 5, "MAP", 150.0), *others) == [False] * 4


@pytest.mark.parametrize(
    ("minutes", "values", "found"),
    [
        ((0, 60, 120), (80, 20, 85), [1]),
        ((0, 60, 120), (80, 130, 85), [1]),
        ((0, 60, 120), (80, 20, 25), []),  # it stays low: no spike
        ((0, 60, 120), (80, 45, 85), []),
        ((0, 60, 300), (80, 20, 85), []),  # too long ago to tell
        ((120, 0, 60), (85, 80, 20), [2]),
    ],
)
def test_a_spike_is_far_from_both_neighbours(
    minutes: tuple[int, ...], values: tuple[int, ...], found: list[int]
) -> None:
    marks = spikes(np.zeros(3, int), np.array(minutes), np.array(values, float))
    assert np.flatnonzero(marks).tolist() == found


def test_two_patients_are_no_neighbours() -> None:
    assert not spikes(np.array([0, 1, 0]), np.array([0, 60, 120]), np.array([80.0, 20.0, 85.0])).any()
