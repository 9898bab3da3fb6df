"""Where sources are, and whether they hold what was published."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from prepared import raw
from prepared import source as made_source
from stillroom.data.prepare.adapter import Adapter, Malformed, RawRow
from stillroom.data.prepare.finding import Found, count, place_of
from stillroom.types import MissingExtraError


def adapter(*rows: RawRow) -> Adapter:
    return replace(made_source("made", rows, Path()).adapter, folder="made", expected={"train": 2, "test": 1})


def missing() -> Path:
    raise MissingExtraError.of("made-package", "made")


def test_a_folder_of_the_sources_name_comes_before_a_package(tmp_path: Path) -> None:
    packaged = replace(adapter(), locate=lambda: Path("package"))
    assert place_of(packaged, tmp_path) == Path("package")
    (tmp_path / "made").mkdir()
    assert place_of(packaged, tmp_path) == tmp_path / "made"


def test_what_is_nowhere_is_not_here(tmp_path: Path) -> None:
    assert place_of(adapter(), tmp_path) is None
    assert place_of(replace(adapter(), locate=missing)) is None


def test_rows_are_counted_by_split_and_malformed_ones_by_reason() -> None:
    rows = [raw(1, split="train"), raw(2, split="test"), raw(3), Malformed("a:4", "no JSON")]
    found = count(adapter(*rows), Path())
    assert found.rows == {"train": 1, "test": 1, "": 1}
    assert found.malformed == {"no JSON": 1}


@pytest.mark.parametrize(
    ("rows", "malformed", "verdict"),
    [
        ({"train": 2, "test": 1}, {}, "as published"),
        ({"train": 1, "test": 1}, {"no JSON": 1}, "as published"),
        ({"test": 1}, {}, "2 fewer than published"),
        ({"train": 1, "test": 2}, {}, "split otherwise than published"),
        ({"train": 1, "validation": 1}, {}, "split otherwise than published"),
        ({"train": 3, "test": 1}, {}, "more than published"),
        ({"train": 2, "test": 1}, {"no JSON": 1}, "more than published"),
    ],
)
def test_every_row_must_be_a_row_or_malformed(
    rows: dict[str, int], malformed: dict[str, int], verdict: str
) -> None:
    assert Found(rows, malformed, {"train": 2, "test": 1}).verdict == verdict


def test_without_published_counts_there_is_nothing_to_compare() -> None:
    assert Found({"": 3}).verdict == "nothing to compare with"
