"""What is counted of a corpus."""

from __future__ import annotations

from typing import Any

from prepared import raw
from stillroom.data.prepare.datasheet.composition import REVIEWED_PER_SOURCE, Composition, Item
from stillroom.data.prepare.freezing import example_of
from stillroom.data.prepare.rows import table
from stillroom.data.prepare.token_count import CharacterRule
from stillroom.train.curriculum import CurriculumSettings


def items(count: int, source: str = "a", split: Any = "train", **columns: Any) -> list[Item]:
    rows = table({**raw(f"{source}/{n}", **columns), "source": source} for n in range(count)).to_pylist()
    return [(split, row, example_of(row, "g")) for row in rows]


def composition(*parts: list[Item]) -> Composition:
    made = Composition(CharacterRule(1.0))
    for part in parts:
        made.take(part)
    return made


def test_rows_are_counted_by_source_tag_and_split() -> None:
    made = composition(items(3, specialty="eye"), items(2, "b", "test"), items(1, "b", specialty="eye"))
    assert {name: dict(counts) for name, counts in made.sources.items()} == {
        "a": {"train": 3},
        "b": {"test": 2, "train": 1},
    }
    assert made.table("specialty") == [
        {"specialty": "eye", "train": 4, "validation": 0, "test": 0},
        {"specialty": "general", "train": 0, "validation": 0, "test": 2},
    ]


def test_the_long_tail_is_below_one_percent_of_training() -> None:
    made = composition(
        items(495, specialty="eye"), items(5, "b", specialty="ear"), items(4, "c", specialty="nose")
    )
    assert made.long_tail("specialty") == [
        {"specialty": "nose", "rows": 4, "share": round(4 / 504, 6)},
        {"specialty": "ear", "rows": 5, "share": round(5 / 504, 6)},
    ]


def test_weights_lift_what_is_rare_and_not_beyond_four() -> None:
    made = composition(items(100, specialty="a"), items(25, "b", specialty="b"), items(1, "c", specialty="c"))
    assert made.specialty_weights() == {"a": 0.5, "b": 1.0, "c": 4.0}


def test_lengths_are_binned_and_the_longest_told() -> None:
    made = composition(items(9), items(1, "b", context="x" * 1000))
    assert sum(made.tokens.values()) == 10
    assert made.quantile(0.5) == 64
    assert 1000 < made.longest < 1100
    assert made.quantile(1.0) >= made.longest


def test_the_review_is_the_same_whatever_came_first() -> None:
    one = composition(items(100), items(5, "b"))
    other = composition(items(5, "b"), items(100)[::-1])
    chosen = [row["id"] for row in one.review]
    assert chosen == [row["id"] for row in other.review]
    assert [sum(id.startswith(name) for id in chosen) for name in "ab"] == [REVIEWED_PER_SOURCE, 5]
    assert chosen[:20] != [f"a/{n}" for n in range(20)]


def test_lessons_begin_with_what_is_easy_and_fill_the_training() -> None:
    made = composition(
        items(30, difficulty="advanced"),
        items(60, "b", difficulty="basic"),
        items(10, "c", difficulty="intermediate"),
    )
    lessons = made.curriculum()
    assert lessons == [
        {"until": 0.6, "take": ["basic"]},
        {"until": 0.7, "take": ["basic", "intermediate"]},
        {"until": 1.0, "take": ["basic", "intermediate", "advanced"]},
    ]
    CurriculumSettings.model_validate({"by": "difficulty", "lessons": lessons})


def test_one_level_makes_no_lessons() -> None:
    assert composition(items(3, difficulty="basic")).curriculum() == []
