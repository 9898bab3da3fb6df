"""Several processes of a run: the first makes and writes, all train, and none waits for one that is gone."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from recipes.worker import stages
from stillroom.recipes.stages import Stages

REFUSED = "a toy that breaks; expected a whole one. To fix: mend it"
# Who fails in the stage that both share: the ending of the first process, and the one line that both together say.
FAILURES = {
    "first refuses": (1, REFUSED),
    "first is killed": (
        -9,
        "the first process of the run is gone. Run the same command again to go on from here",
    ),
    "other refuses": (1, f"process 1: {REFUSED}"),
    "other is killed": (1, "process 1 of the run is gone. Run the same command again to go on from here"),
}


@dataclass(frozen=True)
class Ended:
    """How a process ended, and what it said."""

    code: int
    out: str
    err: str


def start(folder: Path, what: str) -> list[subprocess.Popen[str]]:
    """Start what a launcher would start."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    meeting = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    common = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), "OMP_NUM_THREADS": "1", **meeting}
    return [
        subprocess.Popen(
            [sys.executable, "-m", "recipes.worker", str(folder), what],
            env={**common, "RANK": str(rank), "LOCAL_RANK": str(rank)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in (0, 1)
    ]


def end(started: Sequence[subprocess.Popen[str]]) -> list[Ended]:
    try:
        said = [process.communicate(timeout=120) for process in started]
    finally:
        for process in started:
            process.kill()
    return [Ended(process.returncode, *texts) for process, texts in zip(started, said, strict=True)]


def events(run_dir: Path) -> list[str]:
    return [json.loads(line)["event"] for line in (run_dir / "events.jsonl").read_text().splitlines()]


def test_the_first_makes_the_stages_all_share_one_and_one_process_alone_keeps_them(tmp_path: Path) -> None:
    first, other = end(start(tmp_path, "nobody fails"))
    assert (first.code, first.out) == (0, "done\n"), first.err
    assert (other.code, other.out) == (0, "done\n"), other.err
    shared = json.loads((tmp_path / "shared" / "stage.json").read_text())
    assert shared["facts"] == {"processes": 2.0}
    assert events(tmp_path) == ["started", "finished"] * 3
    with Stages(tmp_path) as alone:
        stages(alone, "nobody fails", lead=True)
    assert events(tmp_path)[6:] == ["kept"] * 3


def slow(what: str) -> ParameterSet:
    return pytest.param(what, marks=pytest.mark.slow)


@pytest.mark.parametrize(
    "what", ["first refuses", "other is killed", slow("other refuses"), slow("first is killed")]
)
def test_a_failure_of_one_ends_all_in_one_line(tmp_path: Path, what: str) -> None:
    first, other = end(start(tmp_path, what))
    code, line = FAILURES[what]
    said = [text for text in (first.err + other.err).splitlines() if text.startswith("stillroom: ")]
    assert said == [f"stillroom: {line}"]
    assert "Traceback" not in first.err + other.err
    assert (first.code, other.code != 0) == (code, True)
    assert (first.out, other.out) == ("", "")
    assert not (tmp_path / "shared").exists()


@pytest.mark.slow
def test_a_defect_of_another_shows_where_it_was_and_its_words_stay_there(tmp_path: Path) -> None:
    first, other = end(start(tmp_path, "other errs"))
    assert first.err.splitlines()[-1] == "stillroom: process 1: ended with ZeroDivisionError"
    assert "Mrs Example" not in first.err
    assert "ZeroDivisionError: Mrs Example" in other.err
    assert (first.code, other.code) == (1, 1)
