"""Which raw rows are rows, and what is said of the others: never their text."""

from __future__ import annotations

from typing import Any

import pytest

from prepared import raw
from stillroom.data.prepare.sound import row_of


def reason(row: dict[str, Any]) -> str:
    made = row_of(row, "mine", 100)
    assert isinstance(made, str)
    return made


def test_the_source_stands_before_the_identifier_once() -> None:
    for id in ("7", "mine/7"):
        row = row_of(raw(id), "mine", 100)
        assert isinstance(row, dict)
        assert (row["id"], row["source"]) == ("mine/7", "mine")


@pytest.mark.parametrize("column", ["id", "task", "prompt", "response"])
@pytest.mark.parametrize(("value", "said"), [(None, "no"), ("", "empty"), (" \t", "empty")])
def test_what_a_row_needs_must_be_there(column: str, value: str | None, said: str) -> None:
    assert reason({**raw(1), column: value}) == f"{said} {column}"


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"response": float("nan")}, "response is not text but float"),
        ({"specialty": 3}, "specialty is not text but int"),
        ({"label": "x"}, "unknown column 'label'"),
        ({"prompt": "\ud800"}, "prompt is not Unicode text"),
        ({"context": "x" * 101}, "more than 100 characters"),
        ({"options": ["a", None]}, "an option that is not text"),
        ({"options": ["a", "b"]}, "the response is none of the options"),
        ({"split": "dev"}, "unknown split"),
        ({"benchmark": "yes"}, "benchmark is neither true nor false"),
    ],
)
def test_what_is_wrong_is_said_without_the_text(columns: dict[str, Any], said: str) -> None:
    assert reason(raw(1, **columns)) == said


@pytest.mark.parametrize("split", ["", "train", "validation", "test"])
def test_a_source_may_have_its_own_split(split: str) -> None:
    assert isinstance(row_of(raw(1, split=split), "mine", 100), dict)
