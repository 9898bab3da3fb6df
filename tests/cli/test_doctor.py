from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stillroom.recipes import doctor
from stillroom.recipes.finding import Finding


def findings(*items: Finding) -> Callable[[Path], Iterator[Finding]]:
    return lambda runs_dir: iter(items)


def test_a_sound_machine_is_told_line_by_line(
    stillroom: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        doctor,
        "examine",
        findings(Finding("memory", "ok", "16 GiB"), Finding("processor", "note", "1 core", "wait")),
    )
    ended = stillroom("doctor")
    assert ended.code == 0
    assert ended.out.splitlines() == ["ok      memory: 16 GiB", "note    processor: 1 core. To do: wait"]


def test_a_problem_ends_with_code_1(stillroom: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "examine", findings(Finding("memory", "problem", "1 GiB", "buy more")))
    assert stillroom("doctor").code == 1
    assert json.loads(stillroom("doctor", "--json").out)[0]["advice"] == "buy more"


def test_a_recipe_is_planned_for_a_named_machine(stillroom: Callable[..., Any], tmp_path: Path) -> None:
    ended = stillroom("doctor", "quickstart", "--hardware", "cpu-2-24gib", "--runs", str(tmp_path))
    assert ended.code == 0
    assert "teach" in ended.out
    assert "fits" in ended.out
    assert "stillroom prepare quickstart" in ended.out


def test_a_recipe_that_does_not_fit_ends_with_edits_and_code_1(
    stillroom: Callable[..., Any], tmp_path: Path
) -> None:
    big = "teach.tokens_per_step=500000", "teach.tokens_per_pass=500000"
    ended = stillroom("doctor", "quickstart", *big, "--hardware", "a10", "--runs", str(tmp_path))
    assert ended.code == 1
    assert "does not fit" in ended.out
    assert "          teach.tokens_per_pass=" in ended.out


def test_the_plan_as_json(stillroom: Callable[..., Any], tmp_path: Path) -> None:
    ended = stillroom("doctor", "quickstart", "--hardware", "h100", "--runs", str(tmp_path), "--json")
    told = json.loads(ended.out)
    assert told["can_run"]
    assert {stage["name"] for stage in told["stages"]} >= {"teach", "student"}
    assert told["hardware"]["name"] == "h100"
