"""Which of a teacher's own responses a student learns from."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from stillroom.data.written import JUDGES, JudgeSettings, WrittenSettings, taken
from stillroom.types import Example

EXAMPLES = [Example(f"e{n}", f"Ask {n}.", f"right answer {n}", "k", "s", "basic", f"g{n}") for n in range(2)]
RESPONSES = [["right answer 0", "wrong", "right  answer 0"], ["", "right answer at last 1", "right answer 1"]]


def settings(**changes: Any) -> WrittenSettings:
    fixed = {"responses": 3, "temperature": 1.0, "max_new_tokens": 9, "judge": None, "keep_labels": False}
    return WrittenSettings.model_validate({**fixed, **changes})


def test_what_was_written_takes_the_place_of_the_labels() -> None:
    kept, dropped = taken(EXAMPLES, RESPONSES, settings())
    assert [row.id for row in kept] == ["e0#1", "e0#2", "e1#2", "e1#3"]
    assert dropped == {"written before": 1, "empty or without an end": 1}
    assert {row.group for row in kept} == {"g0", "g1"}


def test_labels_may_stay() -> None:
    kept, _ = taken(EXAMPLES, RESPONSES, settings(keep_labels=True))
    assert kept[:2] == tuple(EXAMPLES)
    assert len(kept) == 6


@pytest.mark.parametrize(
    ("judge", "kept"),
    [
        ({"kind": "agreement", "at_least": 0.6}, ["e0#1", "e1#2", "e1#3"]),
        ({"kind": "agreement", "at_least": 0.9}, ["e0#1", "e1#3"]),
        ({"kind": "length", "at_least": 0.6}, ["e0#1", "e1#2", "e1#3"]),
    ],
)
def test_a_judge_leaves_out_what_falls_short(judge: dict[str, Any], kept: list[str]) -> None:
    found, dropped = taken(EXAMPLES, RESPONSES, settings(judge=judge))
    assert [row.id for row in found] == kept
    assert dropped["refused by the judge"] > 0


def test_every_judge_can_be_named() -> None:
    assert set(get_args(JudgeSettings.model_fields["kind"].annotation)) == set(JUDGES)
