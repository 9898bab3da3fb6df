"""Subgroups against the rest: worked out by hand, and against a bootstrap that draws units one by one."""

from __future__ import annotations

import numpy as np
import pytest

from stillroom.validate.fairness.gaps import split_off, worst
from stillroom.validate.statistics.bootstrap import Array, Estimate, ratio, resample

RIGHT = np.array([1.0, 1.0, 0.0, 1.0, 0.0, 0.0])
COLUMNS = np.stack([RIGHT, np.ones(6)], axis=1)
PATIENTS = ["p1", "p1", "p2", "p3", "p4", "p4"]
WOMEN = np.array([True, True, True, False, False, False])


def split(repeats: int = 200, columns: Array = COLUMNS):
    counts = resample(4, repeats, seed=3)
    return split_off(columns, ratio, PATIENTS, counts, WOMEN, is_rate=True), counts


def test_inside_and_outside_by_hand() -> None:
    found, _ = split()
    assert found.inside.value == pytest.approx(2 / 3)
    assert found.outside.value == pytest.approx(1 / 3)
    assert (found.inside.units, found.outside.units) == (2, 2)


def test_a_positive_gap_is_worse_whatever_the_direction() -> None:
    found, _ = split()
    assert found.gap(higher_is_better=True).value == pytest.approx(-1 / 3)
    assert found.gap(higher_is_better=False).value == pytest.approx(1 / 3)
    assert found.gap(higher_is_better=True).units == 2


def test_each_draw_is_the_figure_of_the_units_drawn() -> None:
    found, counts = split(repeats=20)
    names = sorted(set(PATIENTS))
    for at, drawn in enumerate(counts):
        rows = [
            row
            for name, times in zip(names, drawn, strict=True)
            for row in range(6)
            for _ in range(int(times))
            if PATIENTS[row] == name
        ]
        inside = [RIGHT[row] for row in rows if WOMEN[row]]
        outside = [RIGHT[row] for row in rows if not WOMEN[row]]
        if inside and outside:
            gap = found.gap(higher_is_better=True).draws[at]
            assert gap == pytest.approx(np.mean(outside) - np.mean(inside))


def test_a_resample_without_a_member_has_no_say() -> None:
    found, _ = split()
    assert np.isnan(found.inside.draws).any()
    low, high = found.gap(higher_is_better=True).interval()
    assert -1 <= low <= -1 / 3 <= high <= 1


def test_equal_subgroups_have_an_interval_that_holds_zero() -> None:
    """The nominal level, by simulation: in about 95 of 100 worlds without a gap the interval holds zero."""
    holds = 0
    for world in range(200):
        random = np.random.default_rng(world)
        right = (random.random(120) < 0.6).astype(float)
        member = random.random(120) < 0.4
        groups = [f"g{at:03}" for at in range(120)]
        found = split_off(
            np.stack([right, np.ones(120)], axis=1),
            ratio,
            groups,
            resample(120, 300, world),
            member,
            is_rate=True,
        )
        low, high = found.gap(higher_is_better=True).interval()
        holds += low <= 0 <= high
    assert 0.90 <= holds / 200 <= 0.985


def test_the_worst_is_sought_in_each_resample() -> None:
    least = {
        "a": Estimate(2.0, np.array([2.0, 5.0, np.nan]), 9),
        "b": Estimate(3.0, np.array([3.0, 1.0, 4.0]), 8),
    }
    name, found = worst(least, higher_is_better=False)
    assert (name, found.value, found.units) == ("b", 3.0, 8)
    assert found.draws.tolist() == [3.0, 5.0, 4.0]
