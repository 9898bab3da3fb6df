"""Workers: every task once, the first error ends it, a lost process is told."""

from __future__ import annotations

import os
import signal

import pytest

from stillroom.data.prepare.workers import local_workers
from stillroom.types import DataError


def square(number: int) -> int:
    if number < 0:
        raise DataError("a negative number", "others", "none")
    return number * number


def die(number: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.mark.parametrize("count", [1, 2])
def test_every_task_is_done_once(count: int) -> None:
    with local_workers(count) as workers:
        assert workers.count == count
        assert sorted(workers.map(square, range(20))) == [n * n for n in range(20)]


@pytest.mark.parametrize("count", [1, 2])
def test_the_first_error_is_raised(count: int) -> None:
    with pytest.raises(DataError, match="a negative number"), local_workers(count) as workers:
        list(workers.map(square, [1, -1, *range(50)]))


def test_a_lost_process_is_told() -> None:
    with pytest.raises(DataError, match="a process that prepared rows was lost"), local_workers(2) as workers:
        list(workers.map(die, [1]))
