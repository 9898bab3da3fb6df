from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stillroom import recipes
from stillroom.recipes import Recipe, RunResult, load
from stillroom.recipes.plan import STAGES
from stillroom.types import Evidence, Gate, Verdict


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Recipe, Path, dict[str, Any]]]:
    """Stand in for the run: note how it was called, report a little, hand back a result."""
    noted: list[tuple[Recipe, Path, dict[str, Any]]] = []

    def run(recipe: Recipe, runs_dir: Path, *, progress: Any, **options: Any) -> RunResult:
        noted.append((recipe, runs_dir, options))
        progress("distil", 5, 5, {"loss": 1.25})
        return RunResult(runs_dir / recipe.name, None, None, 90.0, 3 * 2**30)

    monkeypatch.setitem(recipes.__dict__, "run", run)
    return noted


def test_a_run_gets_recipe_folder_and_stages(stillroom: Callable[..., Any], calls: list[Any]) -> None:
    ended = stillroom("run", "quickstart", "train.steps=7", "--runs", "elsewhere", "--fresh", "teach")
    assert ended.code == 0
    assert calls == [
        (load("quickstart", ["train.steps=7"]), Path("elsewhere"), {"until": None, "fresh": ["teach"]})
    ]


def test_it_prints_time_memory_and_place(stillroom: Callable[..., Any], calls: list[Any]) -> None:
    ended = stillroom("run", "quickstart", "--runs", "elsewhere")
    assert ended.out == "1.5 min, peak memory 3.00 GiB; run folder: elsewhere/quickstart\n"
    assert ended.err == "distil 5/5 | Loss: 1.250\n"


def test_only_the_first_process_of_a_launcher_says_something(
    stillroom: Callable[..., Any], calls: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv("RANK", "1")
    ended = stillroom("run", "quickstart", "--processes", "2")
    assert (ended.code, ended.out, ended.err, len(calls)) == (0, "", "", 1)


@pytest.mark.parametrize("stage", STAGES)
def test_a_verb_runs_up_to_its_stage(stillroom: Callable[..., Any], calls: list[Any], stage: str) -> None:
    assert stillroom(stage, "quickstart").code == 0
    assert calls[0][2] == {"until": stage, "fresh": ()}


@pytest.mark.parametrize(
    ("verdict", "code"), [("pass", 0), ("fail", 3), ("infeasible", 3), ("not_demonstrated", 4), (None, 0)]
)
def test_validate_ends_with_what_the_gates_come_to(
    stillroom: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, verdict: Verdict | None, code: int
) -> None:
    gates = (Gate("right", "accuracy", "bundle", "at_least", 0.9, 0.9, 0.9, verdict),) if verdict else ()

    def run(recipe: Recipe, runs_dir: Path, **_: Any) -> RunResult:
        return RunResult(runs_dir / recipe.name, Evidence((), gates=gates), None, 90.0, 3 * 2**30)

    monkeypatch.setitem(recipes.__dict__, "run", run)
    ended = stillroom("validate", "quickstart")
    assert ended.code == code
    assert ("gates: " in ended.out) == (verdict is not None)
    assert stillroom("run", "quickstart").code == 0


def test_a_dry_run_prints_the_checked_recipe_and_runs_nothing(
    stillroom: Callable[..., Any], calls: list[Any], tmp_path: Path
) -> None:
    ended = stillroom("run", "quickstart", "train.steps=7", "--dry-run")
    path = tmp_path / "dry.yaml"
    path.write_text(ended.out)
    assert load(path) == load("quickstart", ["train.steps=7"])
    assert "# valid; a run would go to runs/quickstart" in ended.out
    assert calls == []


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["quikstart"], "unknown recipe 'quikstart'; .*did you mean 'quickstart'"),
        (["quickstart", "train.stepz=7"], "unknown key 'train.stepz'; .*did you mean 'train.steps'"),
        (["quickstart", "--fresh", "teech"], "unknown stage 'teech'; .*did you mean 'teach'"),
        (["absent.yaml"], "cannot read recipe absent.yaml: No such file or directory; .*"),
    ],
)
def test_a_mistake_is_told_before_anything_runs(
    stillroom: Callable[..., Any], calls: list[Any], arguments: list[str], line: str
) -> None:
    ended = stillroom("run", *arguments)
    assert ended.code == 1
    assert re.search(line, ended.err)
    assert ended.err.count("\n") == 1
    assert calls == []
