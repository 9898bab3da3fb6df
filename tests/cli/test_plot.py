from __future__ import annotations

import math

import pytest

from stillroom.cli.plot import curve

EMPTY = chr(0x2800)


def dots(character: str) -> int:
    return (ord(character) - 0x2800).bit_count()


def test_a_falling_curve_goes_from_the_top_left_to_the_bottom_right() -> None:
    lines = curve([math.exp(-step / 10) for step in range(64)], width=32, height=8)
    assert [len(line) for line in lines] == [32] * 8
    assert lines[0][0] != EMPTY
    assert lines[-1][-1] != EMPTY
    places = [min(row for row in range(8) if lines[row][column] != EMPTY) for column in range(32)]
    assert places == sorted(places)


def test_values_above_zero_are_drawn_by_ratio() -> None:
    """Equal ratios take equal heights: halving is a straight line."""
    assert curve([2.0**-step for step in range(8)], 4, 2) == curve([-float(step) for step in range(8)], 4, 2)


def test_a_curve_has_no_gaps() -> None:
    lines = curve([1.0, 100.0, 1.0, 100.0], width=2, height=4)
    assert sum(dots(character) for line in lines for character in line) >= 3 * 15


@pytest.mark.parametrize("steps", [3, 64, 1000])
def test_as_many_dots_as_there_are_values_or_columns(steps: int) -> None:
    (line,) = curve([3.0] * steps, width=32, height=1)
    assert sum(map(dots, line)) == min(steps, 64)


def test_without_values_it_is_blank() -> None:
    assert curve([], width=3, height=2) == [EMPTY * 3] * 2
