"""Who belongs where, and what is said of a file that does not fit."""

from __future__ import annotations

from pathlib import Path

import pytest

from stillroom.types import DataError, Example
from stillroom.validate.fairness.membership import UNKNOWN, membership
from stillroom.validate.fairness.settings import FairnessSettings


def item(identifier: str, specialty: str = "eye") -> Example:
    return Example(identifier, "What?", "This.", "term", specialty, "basic", identifier)


ITEMS = [item("a/1"), item("a/2", "ear"), item("b/1"), item("plain")]


def settings(file: Path | None = None, *by: str) -> FairnessSettings:
    return FairnessSettings.model_validate({"by": by, "attributes": str(file) if file else None})


def test_columns_of_the_corpus() -> None:
    found = membership(ITEMS, settings(None, "specialty", "source"))
    assert found == {"specialty": ["eye", "ear", "eye", "eye"], "source": ["a", "a", "b", UNKNOWN]}


def test_attributes_are_kept_apart_and_nobody_is_dropped(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("\ufeffid,sex,site\na/1,female,north\na/2,,south\nb/1,male,north\n", encoding="utf-8")
    found = membership(ITEMS, settings(file))
    assert found["sex"] == ["female", UNKNOWN, "male", UNKNOWN]
    assert found["site"] == ["north", "south", "north", UNKNOWN]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("id,sex\na/1,f\na/1,m\n", "2 rows, 1 different ids and 1 attributes"),
        ("id\na/1\n", "0 attributes"),
        ("name,sex\nx,f\n", "1 different ids"),
        ("", "0 rows"),
        ("id,sex\nother,f\n", "names none of the 4 examples"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "people.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=told):
        membership(ITEMS, settings(file))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot read .*none\.csv: FileNotFoundError"):
        membership(ITEMS, settings(tmp_path / "none.csv"))
