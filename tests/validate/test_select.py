"""The items of a validation are spread over kinds and do not depend on the subject."""

from __future__ import annotations

from collections import Counter

import pytest

from stillroom.types import Example
from stillroom.validate.select import select


def test_none_keeps_all(examples: list[Example]) -> None:
    assert select(examples, None, seed=0) == examples


def test_more_than_there_are_keeps_all(examples: list[Example]) -> None:
    assert select(examples, 1000, seed=0) == examples


def test_kinds_share_equally(examples: list[Example]) -> None:
    assert Counter(example.kind for example in select(examples, 10, seed=0)) == {"naming": 5, "definition": 5}


def test_a_rare_kind_leaves_its_share_to_the_others(examples: list[Example]) -> None:
    rare = [example for example in examples if example.kind == "naming"][:2]
    common = [example for example in examples if example.kind == "definition"]
    assert Counter(example.kind for example in select(rare + common, 10, seed=0)) == {
        "naming": 2,
        "definition": 8,
    }


def test_keeps_the_order_of_the_split(examples: list[Example]) -> None:
    chosen = select(examples, 20, seed=4)
    assert chosen == [example for example in examples if example in chosen]


def test_a_smaller_selection_is_inside_a_larger_one(examples: list[Example]) -> None:
    assert set(select(examples, 7, seed=1)) < set(select(examples, 19, seed=1))


@pytest.mark.parametrize("items", [0, 1, 20])
def test_the_seed_decides(examples: list[Example], items: int) -> None:
    assert select(examples, items, seed=1) == select(examples, items, seed=1)
    assert len(select(examples, items, seed=1)) == items


def test_another_seed_chooses_otherwise(examples: list[Example]) -> None:
    assert select(examples, 20, seed=1) != select(examples, 20, seed=2)
