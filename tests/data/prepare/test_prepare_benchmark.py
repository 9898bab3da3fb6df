"""The benchmark of preparations: copies are where it says, and its counts are those of a count by hand."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from types import ModuleType
from typing import Any

import pytest

from losses.scripts import ROOT, load
from stillroom.data.prepare.likeness.words import words

REAL: list[dict[str, Any]] = [
    {
        "id": f"real/{n}",
        "prompt": f"What should a nurse do about finding number {n}?",
        "context": "The patient was seen on the ward and had slept well before the operation. " * 8,
        "response": f"Rest{n} and{n} plenty{n} of{n} water{n} are{n} what{n} the{n} team{n} advises{n}.",
    }
    for n in range(150)
]
TESTS = [{"id": "test/1", "prompt": "Which vitamin is given to the newborn child?", "response": "Vitamin K"}]


@pytest.fixture(autouse=True)
def beside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")


@pytest.fixture
def growth() -> ModuleType:
    return load("benchmarks/prepare_grown.py")


@pytest.fixture
def case() -> ModuleType:
    return load("benchmarks/prepare_case.py")


@pytest.fixture
def rows(growth: ModuleType) -> list[Any]:
    return list(islice(growth.grown(REAL, TESTS), 2000))


def test_every_beginning_is_a_corpus_of_its_own(growth: ModuleType, rows: list[Any]) -> None:
    assert list(islice(growth.grown(REAL, TESTS), 500)) == rows[:500]
    earlier: set[str] = set()
    for row in rows:
        earlier.add(row.row["id"])
        assert row.original in earlier or row.kind == "leaked"


def test_a_fifth_is_planted_and_one_in_twenty_looks_like_it(rows: list[Any]) -> None:
    kinds = Counter(row.kind.partition(":")[0] for row in rows)
    assert abs(kinds["planted"] / 2000 - 0.2) < 0.03
    assert abs(kinds["hard"] / 2000 - 0.05) < 0.02
    assert kinds["real"] == 150


def test_a_planted_copy_differs_in_one_word_of_58_at_most(growth: ModuleType, rows: list[Any]) -> None:
    by_id = {row.row["id"]: row.row for row in rows}
    for row in (row for row in rows if row.kind == "planted"):
        one, other = (Counter(_words(each)) for each in (row.row, by_id[row.original]))
        assert (one - other).total() <= 2 * max(1, one.total() // growth.WORDS_PER_SLIP)


def _words(row: dict[str, Any]) -> list[str]:
    return [word for name in ("prompt", "context", "response") for word in words(row[name])]


def test_precision_and_recall_are_counted_by_families(case: ModuleType) -> None:
    truth = {
        "a": ("real", "a"),
        "b": ("planted", "a"),
        "c": ("planted", "a"),
        "d": ("real", "d"),
        "e": ("hard", "e"),
    }
    pairs = [("a", "b"), ("d", "a"), ("e", "b")]
    dropped = [{"id": f"x/{one}", "because_of": f"x/{other}"} for one, other in pairs]
    found = case.copies_found(dropped, truth)
    assert (found["planted"], found["found"], found["copies_among_the_real_rows"]) == (2, 1, 1)
    assert (found["precision"], found["recall"], found["wrong"]) == (0.5, 0.5, {"hard": 1})


def test_leaks_are_counted_apart_from_rows_that_are_none(case: ModuleType) -> None:
    truth = {"a": ("leaked", "test/1"), "b": ("leaked", "test/2"), "c": ("real", "c")}
    isolated = [{"id": "grown0/a"}, {"id": "grown1/c"}, {"id": "mmlu/7"}]
    assert case.leaks_found(isolated, truth) == {"planted": 2, "found": 1, "others": 1}


def test_the_exponent_is_that_of_a_power() -> None:
    exponent = load("benchmarks/prepare_table.py").exponent
    assert exponent([1, 10, 100], [2, 2 * 10**1.5, 2 * 10**3]) == pytest.approx(1.5)
