"""Nothing of the future is learned from, and no patient is on both sides."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from stillroom.types import DataError
from stillroom.validate.retrospective import Times, periods, split_by_time


def test_no_patient_and_no_moment_is_on_both_sides() -> None:
    random = np.random.default_rng(0)
    days = random.integers(0, 2000, size=500)
    times = [(date(2016, 1, 1) + timedelta(days=int(day))).isoformat() for day in days]
    groups = [f"patient {at}" for at in random.integers(0, 300, size=500)]
    split = split_by_time(times, groups, "2019-01-01")
    assert max(np.array(times)[split.earlier]) < "2019-01-01" <= min(np.array(times)[split.later])
    named = np.array(groups)
    assert not set(named[split.earlier]) & set(named[split.later])
    left_out = set(named[~split.earlier & ~split.later])
    assert len(left_out) == split.straddling > 0


def test_the_cut_itself_is_later() -> None:
    assert split_by_time([1.0, 2.0, 3.0], ["a", "b", "c"], 2.0).later.tolist() == [False, True, True]


def test_dates_and_times_are_compared_as_moments() -> None:
    found = split_by_time(["2020-01-01T06:00", "2020-01-01"], ["a", "b"], "2020-01-01T03:00:00")
    assert found.later.tolist() == [True, False]


def test_periods_are_named_by_their_ends() -> None:
    assert periods(["2017-03-01", "2018-01-01", "2020-06-01"], ["2018-01-01", "2020-01-01"]) == [
        "before 2018-01-01",
        "2018-01-01 to 2020-01-01",
        "from 2020-01-01",
    ]


@pytest.mark.parametrize(
    ("times", "line"),
    [
        (["2019-05-01", "May 2020"], "the time of item 1 cannot be read"),
        (["2019-05-01", ""], "the time of item 1 cannot be read"),
        ([1.0, float("nan")], "item 1 has no time"),
        (["2021-05-01", "2022-01-01"], "0 items before the cut and 2 after it"),
        (["2021-05-01"], "times for 2 items"),
    ],
)
def test_what_cannot_be_split_is_refused_without_telling_a_date(times: Times, line: str) -> None:
    with pytest.raises(DataError, match=line) as refused:
        split_by_time(times, ["a", "b"], "2020-01-01" if isinstance(times[0], str) else 0.5)
    assert "May" not in str(refused.value)
