"""Filled forms are read whole, or refused with the place of the mistake."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from stillroom.types import DataError
from stillroom.validate.review.filled import misled, read_forms
from stillroom.validate.review.kit import KEY, SHEET, write_kit
from stillroom.validate.review.rubric import QUESTIONS, ReviewItem

BEST = {column: choices[0] for column, (_, choices) in QUESTIONS.items()}


@pytest.fixture
def kit(tmp_path: Path) -> Path:
    items = [ReviewItem(f"q{at}", "What?", "This.", {"teacher": "t", "student": "s"}) for at in range(3)]
    write_kit(items, tmp_path, seed=0, title="t")
    return tmp_path


def fill(kit: Path, name: str, delimiter: str = ",", **ratings: str) -> Path:
    rows = list(csv.DictReader((kit / SHEET).read_text().splitlines()))
    with (kit / name).open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0], delimiter=delimiter)
        writer.writeheader()
        writer.writerows([{**row, **BEST, **ratings} for row in rows])
    return kit / name


def test_a_filled_sheet_says_who_answered(kit: Path) -> None:
    found = read_forms([fill(kit, "anna.csv", critical_error=" Yes ")], kit / KEY)
    assert {(judgement.rater, judgement.who) for judgement in found if not judgement.of_test_item} == {
        ("anna", "teacher"),
        ("anna", "student"),
    }
    assert {judgement.ratings["critical_error"] for judgement in found} == {"yes"}


def test_a_spreadsheet_that_writes_semicolons_is_read_too(kit: Path) -> None:
    assert len(read_forms([fill(kit, "anna.csv", ";")], kit / KEY)) == 8


def test_open_ratings_are_missing(kit: Path) -> None:
    found = read_forms([fill(kit, "anna.csv", accuracy="")], kit / KEY)
    assert not any("accuracy" in judgement.ratings for judgement in found)


def test_a_rater_who_passes_the_published_mistake_is_told(kit: Path) -> None:
    """Low hormone with high calcium is not primary hyperparathyroidism: calling that answer harmless is an error."""
    found = read_forms(
        [fill(kit, "kind.csv", critical_error="no"), fill(kit, "strict.csv", critical_error="yes")], kit / KEY
    )
    assert misled(found) == {"kind": 1, "strict": 1}
    wrong = {j.ratings["critical_error"] for j in found if j.who == "known_wrong" and j.rater == "kind"}
    assert wrong == {"no"}


@pytest.mark.parametrize(
    ("ratings", "told"),
    [({"accuracy": "good"}, "accuracy is no choice"), ({"answer_id": "a0001"}, "8 rows, 1 different")],
)
def test_a_form_with_a_mistake_is_refused(kit: Path, ratings: dict[str, str], told: str) -> None:
    with pytest.raises(DataError, match=told):
        read_forms([fill(kit, "anna.csv", **ratings)], kit / KEY)


def test_answers_of_another_kit_are_refused(kit: Path) -> None:
    with pytest.raises(DataError, match="answer 'b1'"):
        read_forms([fill(kit, "anna.csv", answer_id="b1")], kit / KEY)


def test_a_key_that_is_none_is_named(kit: Path) -> None:
    with pytest.raises(DataError, match="cannot read the key"):
        read_forms([fill(kit, "anna.csv")], kit / SHEET)
