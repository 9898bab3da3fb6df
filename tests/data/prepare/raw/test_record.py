"""What may be asked of a record, and how it answers when it has nothing to say."""

from __future__ import annotations

from typing import Any

import pytest

from stillroom.data.prepare.raw.record import Record, UnfitError, choice, lettered


def record(**data: Any) -> Record:
    return Record("a.csv.old", 7, data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({}, "no 'q'"),
        ({"q": None}, "'q' is null, no text"),
        ({"q": float("nan")}, "'q' is NaN, no text"),
        ({"q": ["x"]}, "'q' is a list, no text"),
        ({"q": " \n"}, "'q' is empty"),
    ],
)
def test_a_text_that_is_not_there_is_told_without_its_content(data: dict[str, Any], reason: str) -> None:
    with pytest.raises(UnfitError) as error:
        record(**data).text("q")
    assert str(error.value) == reason


def test_names_are_texts_or_whole_numbers() -> None:
    assert record(id=7).name("id") == "7"
    assert record(id=" x ").name("id") == "x"
    for wrong in (True, 1.5, None, float("nan")):
        with pytest.raises(UnfitError):
            record(id=wrong).name("id")


def test_a_record_knows_its_place() -> None:
    assert (record().where, record().stem, Record("plain", 1, {}).stem) == ("a.csv.old:7", "a.csv", "plain")


@pytest.mark.parametrize(
    ("options", "answer", "reason"),
    [
        (["a", ""], 0, "an option is empty or no text"),
        (["a", float("nan")], 0, "an option is empty or no text"),
        (["a", "b"], 2, "the answer is none of the options"),
        (["a", "b"], -1, "the answer is none of the options"),
        (["a", "b", "a "], 0, "the right option is listed twice"),
    ],
)
def test_an_item_without_one_right_option_is_unfit(options: list[Any], answer: int, reason: str) -> None:
    with pytest.raises(UnfitError, match=reason):
        choice(options, answer)


def test_a_wrong_option_may_be_listed_twice() -> None:
    assert choice(["a", "b", "b"], 0) == {"options": ["a", "b", "b"], "response": "a"}


@pytest.mark.parametrize(
    ("options", "letter"), [(["a"], "A"), ({}, "A"), ({"A": "x"}, "B"), ({"A": "x"}, None)]
)
def test_letters_must_be_those_of_the_options(options: Any, letter: Any) -> None:
    with pytest.raises(UnfitError):
        lettered(options, letter)
