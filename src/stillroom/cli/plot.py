"""A curve in a few characters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean

_BLANK = 0x2800
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))


def curve(values: Sequence[float], width: int, height: int) -> list[str]:
    """Draw values over their order, on a logarithmic scale where all are above 0, the largest at the top.

    Where there are more values than dots, each dot is the mean of its neighbours.

    Args:
        values: finite numbers.
        width: characters of a line, two dots each.
        height: lines, four dots each.

    >>> curve([8.0, 4.0, 2.0, 1.0], width=2, height=1)
    ['⠑⢄']
    """
    scaled = [math.log(value) for value in values] if min(values, default=0) > 0 else list(values)
    columns = _means(scaled, 2 * width)
    low, high = min(columns, default=0.0), max(columns, default=0.0)
    rows = 4 * height - 1
    places = [rows - round((value - low) / (high - low) * rows) if high > low else rows for value in columns]
    cells = [[_BLANK] * width for _ in range(height)]
    for column, place in enumerate(places):
        for row in _joined(places, column, place):
            cells[row // 4][column // 2] |= _DOTS[row % 4][column % 2]
    return ["".join(map(chr, line)) for line in cells]


def _joined(places: Sequence[int], column: int, place: int) -> range:
    """The dots of a column: down or up to beside the place before, so that the curve has no gaps."""
    before = places[column - 1] if column else place
    if place > before:
        return range(min(before + 1, place), place + 1)
    return range(place, max(before - 1, place) + 1)


def _means(values: Sequence[float], most: int) -> list[float]:
    if len(values) <= most:
        return list(values)
    edges = [round(index * len(values) / most) for index in range(most + 1)]
    return [fmean(values[start:stop]) for start, stop in pairwise(edges)]
