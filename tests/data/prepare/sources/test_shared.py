"""Splits by any of their names, and numbers that cannot be read off."""

from __future__ import annotations

import pytest

from stillroom.data.prepare.raw.record import Record, UnfitError
from stillroom.data.prepare.sources.shared import hidden, stated_split


def test_a_test_row_is_of_a_benchmark_only_where_the_source_is_one() -> None:
    record = Record("a.jsonl", 1, {"split": "test"})
    assert stated_split(record) == {"split": "test", "benchmark": False}
    assert stated_split(record, benchmark=True) == {"split": "test", "benchmark": True}


def test_training_rows_of_a_benchmark_may_be_learned_from() -> None:
    assert stated_split(Record("a.jsonl", 1, {"split": "val"}), benchmark=True) == {
        "split": "validation",
        "benchmark": False,
    }


def test_a_split_that_there_is_not_is_refused() -> None:
    with pytest.raises(UnfitError, match="unknown split"):
        stated_split(Record("a.jsonl", 1, {"split": "holdout"}))


def test_a_number_is_not_in_what_hides_it_and_kinds_differ() -> None:
    assert "10000032" not in hidden("patient", "10000032")
    assert hidden("patient", 1) != hidden("admission", 1)
