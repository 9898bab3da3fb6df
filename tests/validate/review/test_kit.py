"""A kit tells raters everything but who answered."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import pytest

from stillroom.types import DataError
from stillroom.validate.review.kit import COLUMNS, KEY, PAGE, SHEET, blinded, write_kit
from stillroom.validate.review.rubric import KNOWN_WRONG, QUESTIONS, ReviewItem


def items(count: int = 40) -> list[ReviewItem]:
    return [
        ReviewItem(
            f"q{at}",
            f"What is {at}?",
            f"It is {at}.",
            {"teacher": f"T-answer {at}", "student": f"S-answer {at}"},
        )
        for at in range(count)
    ]


def test_every_answer_is_there_once_and_the_test_item_with_them() -> None:
    found = blinded(items(), seed=0)
    assert Counter((answer.item.id, answer.who) for answer in found) == Counter(
        [(item.id, who) for item in items() for who in ("teacher", "student")]
        + [(KNOWN_WRONG.id, "known_wrong"), (KNOWN_WRONG.id, "known_right")]
    )


def test_neither_model_stands_first_more_often() -> None:
    firsts = Counter()
    for seed in range(10):
        seen = set()
        for answer in blinded(items(), seed):
            if answer.item.id not in seen:
                firsts[answer.who] += 1
                seen.add(answer.item.id)
    assert abs(firsts["teacher"] - firsts["student"]) < 80  # of 400, four standard deviations


def test_what_raters_get_never_names_a_model(tmp_path: Path) -> None:
    write_kit(items(), tmp_path, seed=1, title="Answers")
    for name in (SHEET, PAGE):
        text = (tmp_path / name).read_text().lower()
        assert not any(word in text for word in ("teacher", "student", "known_wrong", "known_right"))
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600


def test_the_sheet_has_a_column_for_each_question(tmp_path: Path) -> None:
    answers = write_kit(items(), tmp_path, seed=1, title="Answers")
    rows = list(csv.DictReader((tmp_path / SHEET).read_text().splitlines()))
    assert tuple(rows[0]) == COLUMNS
    assert [row["answer"] for row in rows] == [answer.answer for answer in answers]
    assert set(json.loads((tmp_path / KEY).read_text())["answers"]) == {row["answer_id"] for row in rows}


def test_the_page_asks_each_question_of_each_answer_and_asks_nobody_else(tmp_path: Path) -> None:
    answers = write_kit([*items(1), ReviewItem("x", "<b>&", "r", {"student": "<script>alert(1)</script>"})], tmp_path,
                        seed=1, title="A & B")  # fmt: skip
    page = (tmp_path / PAGE).read_text()
    for answer in answers:
        for column, (_, choices) in QUESTIONS.items():
            assert page.count(f'name="{answer.answer_id}-{column}"') == len(choices)
    assert "&lt;script&gt;alert(1)" in page
    assert "A &amp; B" in page
    assert "default-src 'none'" in page
    assert "http" not in page.replace("http-equiv", "")


def test_a_text_is_no_formula_for_a_spreadsheet(tmp_path: Path) -> None:
    write_kit([ReviewItem("x", "q", "r", {"student": "=1+1"})], tmp_path, seed=1, title="t")
    assert "'=1+1" in {row["answer"] for row in csv.DictReader((tmp_path / SHEET).read_text().splitlines())}


@pytest.mark.parametrize("bad", [[], [*items(1), *items(1)], [ReviewItem("x", "q", "r", {})]])
def test_items_that_make_no_kit_are_refused(bad: list[ReviewItem]) -> None:
    with pytest.raises(DataError, match="expected different items with answers"):
        blinded(bad, 0)
