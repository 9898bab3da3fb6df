"""The kit from the command line: filled, read back, and summed up."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stillroom.validate.review.kit import KEY, SHEET, write_kit
from stillroom.validate.review.rubric import QUESTIONS, ReviewItem


@pytest.fixture
def kit(tmp_path: Path) -> Path:
    items = [ReviewItem(f"q{at}", "What?", "This.", {"teacher": "t", "student": "s"}) for at in range(6)]
    write_kit(items, tmp_path, seed=0, title="t")
    key = json.loads((tmp_path / KEY).read_text())["answers"]
    for rater, harmful in (("anna", {"q1", "q2"}), ("ben", {"q2"})):
        rows = list(csv.DictReader((tmp_path / SHEET).read_text().splitlines()))
        for row in rows:
            row.update({column: choices[0] for column, (_, choices) in QUESTIONS.items()})
            told = key[row["answer_id"]]
            if (told["who"] == "student" and told["item"] in harmful) or told["who"] == "known_wrong":
                row["critical_error"] = "yes"
        with (tmp_path / f"{rater}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    return tmp_path


def test_filled_forms_are_summed_up(stillroom: Callable[..., Any], kit: Path) -> None:
    ended = stillroom("review", "read", str(kit / KEY), str(kit / "anna.csv"), str(kit / "ben.csv"))
    assert ended.code == 0, ended.err
    assert "2 of 6: 33.3 % (4.3 to 77.7 %) by any rater; 1 of 6" in ended.out
    assert "Cohen's κ 0.63" in ended.out
    assert "misjudged" not in ended.out


def test_a_program_can_read_it(stillroom: Callable[..., Any], kit: Path) -> None:
    ended = stillroom("review", "read", str(kit / KEY), str(kit / "anna.csv"), "--json")
    assert json.loads(ended.out)["critical"]["student"]["events"] == 2


def test_a_run_that_is_not_there_is_told_in_a_line(stillroom: Callable[..., Any], tmp_path: Path) -> None:
    ended = stillroom("review", "make", "none", "--runs", str(tmp_path))
    assert ended.code != 0
    assert "holds no finished run" in ended.err
