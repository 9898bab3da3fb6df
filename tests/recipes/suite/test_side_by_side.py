"""Parts of the suite in processes of their own."""

from __future__ import annotations

import os
from collections.abc import Mapping

import pytest

from recipes.suite.parts import refused, squared
from stillroom.recipes.suite.clock import SuiteClock
from stillroom.recipes.suite.side_by_side import side_by_side
from stillroom.types import silent


def test_results_come_in_the_order_of_the_parts_from_other_processes() -> None:
    told: list[int] = []

    def progress(task: str, done: int, total: int, figures: Mapping[str, float] | None = None) -> None:
        told.append(done)

    results = side_by_side(squared, [3, 1, 2], 2, SuiteClock(30.0, progress))
    assert [result for result, _ in results] == [9, 1, 4]
    assert os.getpid() not in {process for _, process in results}
    assert told == [10, 20, 30]


def test_one_at_a_time_stays_in_this_process() -> None:
    assert side_by_side(squared, [3, 1], 1, SuiteClock(1.0, silent)) == [(9, os.getpid()), (1, os.getpid())]


def test_what_a_part_raises_is_raised_here() -> None:
    with pytest.raises(ValueError, match="part 1"):
        side_by_side(refused, [1, 2, 3], 2, SuiteClock(1.0, silent))
