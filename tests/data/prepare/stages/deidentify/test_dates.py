from __future__ import annotations

import pytest

from stillroom.data.prepare.stages.deidentify.dates import dates
from stillroom.data.prepare.stages.deidentify.spans import settle


def found(text: str) -> list[str]:
    return [text[span.start : span.stop] for span in settle(dates(text))]


@pytest.mark.parametrize(
    "date",
    [
        "3/14/2021",
        "3-14-21",
        "14.03.2021",
        "2021-03-14",
        "2021-03-14T10:20:00Z",
        "20210314",
        "March 14th, 2021",
        "Mar. 14",
        "14 Mar 2021",
        "14-Mar-21",
        "14MAR2021",
        "MARCH 14, 2021",
        "the 14th of March"[4:],
        "fourteenth of March, 2021",
        "March fourteenth 2021",
        "March 3-5, 2021",
        "March 2021",
        "Mar '21",
        "3/2021",
        "3/14-3/17",
        "Feb 29",
        "3rd day of June, 2021",
    ],
)
def test_forms(date: str) -> None:
    assert found(f"It was {date} when she fell.") == [date]


def test_numeric_dates_without_a_year_follow_a_word_that_dates() -> None:
    assert found("Seen on 3/14, since 4/2 worse; visit 12/1.") == ["3/14", "4/2", "12/1"]


def test_months_alone_are_told() -> None:
    assert found("Worse since March. In May she came; by early June well.") == ["March", "May", "June"]


@pytest.mark.parametrize(
    "text",
    [
        "Strength 5/5 on the left, 2/6 systolic murmur, BP 120/80, on 3/4 of days strength 4/5.",
        "She may 10 times march. SEP and MAR were normal; Dec. level.",
        "In 2010 and 1998, 1.2.3 or 13/45, ratio 1:20, section 4.2.1, 3/14% and 0.5/10.",
        "Room 12-14, 5-10-15 mg, grade 3-4.",
    ],
)
def test_what_is_no_date_stays(text: str) -> None:
    assert [date for date in found(text) if date != "3/4"] == []
