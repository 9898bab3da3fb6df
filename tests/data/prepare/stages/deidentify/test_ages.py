from __future__ import annotations

import pytest

from stillroom.data.prepare.stages.deidentify.ages import ages


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("A 93-year-old man", "93"),
        ("94 yo F", "94"),
        ("95 y/o", "95"),
        ("aged 92", "92"),
        ("Age: 101", "101"),
        ("ninety-two year old", "ninety-two"),
        ("a hundred and three years old", "a hundred and three"),
        ("92F with falls", "92"),
        ("I'll be ninety later this month", "ninety"),
        ("Father died at 91.", "91"),
        ("At 97 she still gardens", "97"),
        ("Patient is 98, lives alone", "98"),
    ],
)
def test_ages_over_89(text: str, age: str) -> None:
    assert {text[span.start : span.stop] for span in ages(text)} == {age}


@pytest.mark.parametrize(
    "text",
    [
        "89-year-old",
        "pulse 94, T 98.6, 95 %",
        "90 mg, 92 patients",
        "age of 92 mg",
        "90+-year-old",
        "followed 91 days",
    ],
)
def test_what_is_no_such_age_stays(text: str) -> None:
    assert list(ages(text)) == []
