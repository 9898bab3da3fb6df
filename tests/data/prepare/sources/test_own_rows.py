"""The user's own columns, under their usual names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from stillroom.data.prepare.raw.record import Record, UnfitError
from stillroom.data.prepare.sources.own_rows import own_row


def row(data: Mapping[str, Any], split: str = "") -> Mapping[str, Any]:
    return own_row(Record("mine.jsonl", 3, data), "mine", split)


@pytest.mark.parametrize(
    ("data", "prompt", "context", "response"),
    [
        ({"prompt": "p", "response": "r"}, "p", "", "r"),
        ({"prompt": "p", "context": "c", "response": "r"}, "p", "c", "r"),
        ({"instruction": "p", "input": "c", "output": "r"}, "p", "c", "r"),
        ({"instruction": "p", "input": "", "output": "r"}, "p", "", "r"),
        ({"question": "p", "answer": "r", "input": "not a context"}, "p", "", "r"),
    ],
)
def test_the_usual_names_are_understood(
    data: dict[str, str], prompt: str, context: str, response: str
) -> None:
    made = row(data)
    assert (made["prompt"], made.get("context", ""), made["response"]) == (prompt, context, response)


def test_of_a_conversation_the_last_turn_is_learned() -> None:
    turns = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "What is gout?"},
        {"role": "assistant", "content": "A disease."},
        {"from": "human", "value": "Of what?"},
        {"from": "gpt", "value": "Of joints."},
    ]
    made = row({"messages": turns})
    assert (made["prompt"], made["response"]) == ("Of what?", "Of joints.")
    assert made["context"] == "system: Be brief.\nuser: What is gout?\nassistant: A disease."


@pytest.mark.parametrize(
    ("data", "response"),
    [
        ({"options": ["a", "b"], "answer": "b"}, "b"),
        ({"options": {"A": "a", "B": "b"}, "answer": "B"}, "b"),
        ({"options": '["a", "b"]', "answer": "b"}, "b"),
    ],
)
def test_options_come_as_a_list_an_object_or_json(data: dict[str, Any], response: str) -> None:
    made = row({"question": "p", **data})
    assert (made["options"], made["response"]) == (["a", "b"], response)
    assert made["task"] == "multiple_choice"


def test_groups_may_be_numbers_and_a_missing_identifier_is_file_and_number() -> None:
    made = row({"prompt": "p", "response": "r", "patient": 7, "document": "", "concept": None})
    assert (made["id"], made["patient"]) == ("mine-3", "7")
    assert "document" not in made
    assert "concept" not in made


def test_a_rows_own_split_comes_before_its_files() -> None:
    data = {"prompt": "p", "response": "r"}
    assert row({**data, "split": "dev"}, "train")["split"] == "validation"
    assert row(data, "train")["split"] == "train"
    assert "split" not in row(data)


@pytest.mark.parametrize("word", [True, "true", "True", "1", 1])
def test_a_benchmark_is_one_in_any_format(word: object) -> None:
    assert row({"prompt": "p", "response": "r", "benchmark": word})["benchmark"] is True


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"text": "?"}, "none of the columns prompt, instruction, question"),
        ({"prompt": "p"}, "none of the columns response, output, answer"),
        ({"prompt": "p", "response": float("nan")}, "'response' is NaN, no text"),
        ({"messages": [{"role": "user", "content": "p"}]}, "the messages do not end with"),
        ({"messages": ["p", "r"]}, "a message that is no object"),
        ({"messages": [{"role": "user"}]}, "a message without role or content"),
        ({"prompt": "p", "answer": "a", "options": "a|b"}, "'options' is no JSON"),
        ({"prompt": "p", "response": "r", "split": "holdout"}, "unknown split"),
    ],
)
def test_what_cannot_be_meant_is_told(data: dict[str, Any], reason: str) -> None:
    with pytest.raises(UnfitError, match=reason):
        row(data)
