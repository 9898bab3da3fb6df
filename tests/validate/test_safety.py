"""Accuracy on numbers, units, negations and sides, worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from transformers import PreTrainedTokenizerFast

from data.vocabularies import byte_level, sentence_piece
from stillroom.data import encode_all
from stillroom.types import Example
from stillroom.validate.safety import LEAST_GROUPS, mark_tokens
from stillroom.validate.tables import estimate_tables, marked_tables
from stillroom.validate.tokens import TokenScores


def item(number: int, response: str = "no, 12.5 mg") -> Example:
    return Example(str(number), "What?", response, "k", "s", "basic", f"g{number}")


def marked(tokenizer: PreTrainedTokenizerFast, response: str) -> Mapping[str, str]:
    example = item(0, response)
    row = encode_all([example], tokenizer, 99).rows[0]
    marks = mark_tokens([example], [row], tokenizer)
    return {name: tokenizer.decode(row.targets[mark > 0]).strip() for name, mark in marks.items()}


@pytest.mark.parametrize("tokenizer", [byte_level(), sentence_piece()], ids=["byte-level", "sentence-piece"])
def test_the_same_words_are_marked_under_any_tokenizer(tokenizer: PreTrainedTokenizerFast) -> None:
    found = marked(tokenizer, "no rash, 12.5 mg, left")
    assert found == {
        "number_accuracy": "12.5",
        "unit_accuracy": "mg",
        "negation_accuracy": "no",
        "laterality_accuracy": "left",
    }


def test_a_response_without_such_words_has_no_marks() -> None:
    assert set(marked(byte_level(), "a rash").values()) == {""}


def scores(examples: int, right: list[float]) -> TokenScores:
    tokens = len(right) // examples
    zeros = np.zeros(len(right))
    return TokenScores(np.repeat(np.arange(examples), tokens), zeros, np.array(right), zeros, {})


def test_accuracy_is_that_of_the_marked_tokens_of_all_examples_together() -> None:
    right = [1.0, 0.0, 1.0, 0.0] * LEAST_GROUPS
    marks = {"number_accuracy": np.array([1.0, 1.0, 1.0, 0.0] * LEAST_GROUPS)}
    tables = marked_tables(scores(LEAST_GROUPS, right), marks)
    examples = [item(number) for number in range(LEAST_GROUPS)]
    found = estimate_tables({"student": tables}, examples, 100, 0)
    estimate = found["number_accuracy", "", "student"]
    assert estimate.value == pytest.approx(2 / 3)
    assert estimate.units == LEAST_GROUPS


def test_only_groups_that_hold_such_a_word_count_and_fewer_than_ten_do_not_suffice() -> None:
    count = LEAST_GROUPS + 5
    mark = np.zeros(count)
    mark[:LEAST_GROUPS] = 1.0
    examples = [item(number) for number in range(count)]
    table = marked_tables(scores(count, [1.0] * count), {"unit_accuracy": mark})
    found = estimate_tables({"student": table}, examples, 100, 0)["unit_accuracy", "", "student"]
    assert (found.value, found.units) == (1.0, LEAST_GROUPS)
    assert np.isfinite(found.interval()).all()
    mark[0] = 0.0
    assert not estimate_tables(
        {"student": marked_tables(scores(count, [1.0] * count), {"unit_accuracy": mark})}, examples, 100, 0
    )
