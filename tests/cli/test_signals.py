from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stillroom import recipes
from stillroom.recipes import RunResult, load
from stillroom.recipes.stored import RunSignals
from stillroom.signals.facts import StoreFacts

FACTS = StoreFacts(
    rows=1200,
    tokens=48_000,
    shards=3,
    bytes=1_536_000,
    matrix_bytes=0,
    recording={
        "teacher": "ab" * 32,
        "tokenizer": "cd" * 32,
        "targets": {"kind": "sampled", "draws": 50},
        "temperature": 2.0,
        "layers": [2, 5],
        "layer_format": "int8",
        "attention": {"layers": [5], "heads": 1, "mean": True, "precision": "uint8"},
    },
    encrypted=True,
)


@pytest.fixture
def holds(monkeypatch: pytest.MonkeyPatch) -> Callable[[RunSignals], None]:
    """Let every run hold these signals."""

    def stand_in(found: RunSignals) -> None:
        monkeypatch.setattr("stillroom.recipes.stored.run_signals", lambda run_dir: found)

    return stand_in


def test_a_recipe_runs_up_to_the_stage(
    stillroom: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Any] = []

    def run(recipe: Any, runs_dir: Path, **options: Any) -> RunResult:
        calls.append((recipe, runs_dir, options["until"]))
        return RunResult(runs_dir, None, None, 1.0, 1)

    monkeypatch.setitem(recipes.__dict__, "run", run)
    for arguments in (
        ["quickstart", "--runs", "x"],
        ["--runs", "x", "quickstart"],
        ["collect", "quickstart", "--runs", "x"],
    ):
        assert stillroom("signals", *arguments).code == 0
    assert calls == [(load("quickstart"), Path("x"), "signals")] * 3


def test_it_shows_what_is_recorded(stillroom: Callable[..., Any], holds: Callable[..., None]) -> None:
    holds(RunSignals({Path("runs/mine/signals"): FACTS}, live=False, unfinished_bytes=2_000_000))
    ended = stillroom("signals", "show", "mine")
    assert ended.code == 0
    shown = {" ".join(line.split()) for line in ended.out.splitlines()}
    assert shown == {
        "folder runs/mine/signals",
        "targets sampled, draws 50",
        "temperature 2",
        "layers 2 5, int8",
        "attention layers 5, mean of heads, uint8",
        "rows 1,200",
        "tokens 48,000 of responses",
        "size 1.5 MB in 3 shards",
        "bytes a token 32.0",
        "encrypted AES-256-GCM",
        f"teacher {'ab' * 32}",
        f"tokenizer {'cd' * 32}",
        "unfinished: 2.0 MB",
    }


def test_it_shows_json(stillroom: Callable[..., Any], holds: Callable[..., None]) -> None:
    holds(RunSignals({Path("runs/mine/signals"): FACTS}, live=False, unfinished_bytes=0))
    told = json.loads(stillroom("signals", "show", "mine", "--json").out)
    assert told["stores"]["runs/mine/signals"]["bytes_per_token"] == 32.0


@pytest.mark.parametrize(
    ("live", "line"), [(True, "asks its teacher live"), (False, "holds no finished signals")]
)
def test_a_run_without_a_store_says_so(
    stillroom: Callable[..., Any], holds: Callable[..., None], live: bool, line: str
) -> None:
    holds(RunSignals({}, live=live, unfinished_bytes=0))
    assert line in stillroom("signals", "show", "mine").out


@pytest.mark.parametrize("verb", [("purge", "signals"), ("signals", "purge")])
def test_it_says_what_was_removed(
    stillroom: Callable[..., Any], tmp_path: Path, verb: tuple[str, str]
) -> None:
    folder = tmp_path / "mine" / "signals"
    folder.mkdir(parents=True)
    (folder / "shard").write_bytes(bytes(1_500_000))
    ended = stillroom(*verb, "mine", "--runs", str(tmp_path))
    assert (ended.code, ended.out) == (0, f"removed {folder}: 1 files, 1.5 MB\n")
    again = stillroom(*verb, "mine", "--runs", str(tmp_path))
    assert again.out == f"{folder.parent} holds no signals; nothing was removed\n"


@pytest.mark.parametrize("verb", [("purge", "signals"), ("signals", "show")])
def test_an_unknown_run_is_one_line(
    stillroom: Callable[..., Any], tmp_path: Path, verb: tuple[str, str]
) -> None:
    ended = stillroom(*verb, "absent", "--runs", str(tmp_path))
    assert ended.code == 1
    assert ended.err.count("\n") == 1
