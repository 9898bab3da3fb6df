from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recipes.suite.made import made_data
from stillroom.recipes.suite import bench
from suite_results import made_result


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the suite was asked for; it answers with a made result."""
    calls: list[Any] = []

    def fake(suite: Any, runs: Path, profile: str, *, data: Any, jobs: int, progress: Any) -> Any:
        calls.append((suite.asked, list(suite.methods), runs, profile, data, jobs))
        return made_result()

    monkeypatch.setattr(bench, "run_suite", fake)
    return calls


def test_the_table_has_a_row_for_each_method_and_the_sentences_stand_below(
    stillroom: Callable[..., Any], asked: list[Any], tmp_path: Path
) -> None:
    ended = stillroom(
        *("bench", "clinical", "--tasks", "icu-mortality", "--methods", "dist", "--profile", "full"),
        *("--data", str(tmp_path), "--runs", str(tmp_path), "--jobs", "3"),
    )
    assert ended.code == 0, ended.err
    assert asked == [({"icu-mortality"}, ["hard-labels", "dist"], tmp_path, "full", tmp_path, 3)]
    assert "0.850 +" in ended.out
    assert "not applicable" in ended.out
    assert "leave out zero" in ended.out
    assert "results.html" in ended.out


def test_json_holds_every_cell(stillroom: Callable[..., Any], asked: list[Any]) -> None:
    told = json.loads(stillroom("bench", "clinical", "--json").out)
    assert len(told["cells"]) == 5 * 4


def test_a_dry_run_says_what_would_run_what_is_absent_and_how_long(
    stillroom: Callable[..., Any], tmp_path: Path
) -> None:
    made_data(tmp_path)
    ended = stillroom(
        "bench", "clinical", "--data", str(tmp_path), "--dry-run", "--runs", str(tmp_path / "r")
    )
    assert ended.code == 0, ended.err
    assert "no folder" in ended.out
    assert "3 methods, 12 students to train" in ended.out
    assert "not applicable: decoupled on heart-disease: there are 2 classes; expected 3 or more" in ended.out
    assert "about" in ended.out
    assert not (tmp_path / "r").exists()


def test_an_unknown_profile_is_one_line(stillroom: Callable[..., Any], tmp_path: Path) -> None:
    ended = stillroom("bench", "clinical", "--profile", "smal", "--dry-run", "--runs", str(tmp_path))
    assert ended.code == 1
    assert "profile 'smal'" in ended.err
    assert "did you mean 'small'" in ended.err
    assert "\n" not in ended.err.strip()


def test_hashes_of_a_task_are_printed_as_its_file_holds_them(
    stillroom: Callable[..., Any], tmp_path: Path
) -> None:
    ended = stillroom("bench", "splits", "pneumonia", "--data", str(made_data(tmp_path)))
    assert [line.partition(": ")[0] for line in ended.out.splitlines()] == ["train", "validation", "test"]
