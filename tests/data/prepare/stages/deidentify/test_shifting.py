from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from stillroom.data.prepare.stages.deidentify.shifting import shifted

FORMATS = (
    "%m/%d/%Y",
    "%Y-%m-%d",
    "%m-%d-%Y",
    "%Y%m%d",
    "%d %B %Y",
    "%B %d, %Y",
    "%d-%b-%Y",
    "%b %d, %Y",
    "%d%b%Y",
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dates(date(1930, 1, 1), date(2030, 12, 31)), st.integers(-400, 400), st.sampled_from(FORMATS))
def test_the_moved_date_is_right_and_written_alike(day: date, days: int, form: str) -> None:
    assume("%b" not in form or day.month != 5)  # May may be the whole name or its abbreviation
    moved = shifted(day.strftime(form), days)
    assert moved is not None
    assert _read(moved, form) == day + timedelta(days)


def _read(text: str, form: str) -> date:
    return datetime.strptime(text, form).date()


@pytest.mark.parametrize(
    ("text", "days", "expected"),
    [
        ("March 3rd, 2021", -10, "February 21st, 2021"),
        ("3/4", 30, "4/3"),
        ("12/2020", 40, "1/2021"),
        ("03/03/21", 30, "04/02/21"),
        ("2021-12-14T10:20:00Z", 40, "2022-01-23T10:20:00Z"),
        ("March 30-31, 2020", 1, "March 31-April 1, 2020"),
        ("3/14-3/17", 20, "4/3-4/6"),
        ("MARCH 3", 1, "MARCH 4"),
        ("Sept. 3, 1999", 30, "Oct. 3, 1999"),
        ("fourteenth of March", 7, "twenty-first of March"),
        ("Mar '21", 40, "Apr '21"),
        ("14.03.2021", 1, "15.03.2021"),
        ("31/12/2020", -1, "30/12/2020"),
    ],
)
def test_forms(text: str, days: int, expected: str) -> None:
    assert shifted(text, days) == expected


@pytest.mark.parametrize("text", ["Feb 30", "2/30/2020", "13/13/2020", "Dec 30-31, 1999"])
def test_no_such_date(text: str) -> None:
    assert shifted(text, 1) is None


def test_intervals_stay() -> None:
    first, last = shifted("1/15/2020", 100), shifted("3/1/2020", 100)
    assert first is not None
    assert last is not None
    assert _read(last, "%m/%d/%Y") - _read(first, "%m/%d/%Y") == timedelta(46)
