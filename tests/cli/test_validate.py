"""``stillroom validate``: a folder is a bundle, any other word a recipe; each has options of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stillroom.recipes.bundled.validate import ValidatedBundle
from stillroom.types import Evidence, Gate, Metric

SIZE = Metric("bytes_on_disk", "", "bundle", 5e6, None, None, 1, "bytes", False)


def gate(verdict: Any) -> Gate:
    return Gate("fits", "bytes_on_disk", "bundle", "at_most", 6e6, 5e6, 5e6, verdict)


@pytest.mark.parametrize(("verdict", "code"), [("pass", 0), ("fail", 3), ("not_demonstrated", 4)])
def test_a_folder_is_measured_and_ends_by_its_gates(
    stillroom: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, verdict: str, code: int
) -> None:
    asked: list[Any] = []

    def validated(folder: Path, overrides: Any, **options: Any) -> ValidatedBundle:
        asked.append((folder, list(overrides), options["tier"]))
        evidence = Evidence((SIZE,), (gate(verdict),), facts={"data": "the data it was made from"})
        return ValidatedBundle(evidence, tmp_path / "found", ("beats the control",))

    monkeypatch.setattr("stillroom.recipes.bundled.validate.validate_bundle", validated)
    ended = stillroom("validate", str(tmp_path), "evaluate.ece_bins=9", "--tier", "risk")
    assert ended.code == code
    assert asked == [(tmp_path, ["evaluate.ece_bins=9"], "risk")]
    assert "5.00 MB" in ended.out
    assert "need other subjects: beats the control" in ended.out


@pytest.mark.parametrize(
    ("subject", "options", "told"),
    [
        ("quickstart", ("--tier", "risk"), "--tier for quickstart, which is a recipe"),
        (".", ("--dry-run",), "a bundle"),
    ],
)
def test_options_of_the_other_are_refused(
    stillroom: Callable[..., Any], subject: str, options: tuple[str, ...], told: str
) -> None:
    ended = stillroom("validate", subject, *options)
    assert ended.code == 1
    assert told in ended.err


def test_a_folder_that_is_no_bundle_is_told_in_a_line(stillroom: Callable[..., Any], tmp_path: Path) -> None:
    ended = stillroom("validate", str(tmp_path))
    assert ended.code == 1
    assert "is no bundle" in ended.err


def test_a_recipe_is_still_a_recipe(stillroom: Callable[..., Any], tmp_path: Path) -> None:
    ended = stillroom("validate", "quickstart", "--dry-run", "--runs", str(tmp_path))
    assert ended.code == 0, ended.err
    assert "# valid; a run would go to" in ended.out
