from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from stillroom.recipes.launch import is_first, launched, number_of_processes
from stillroom.types import RecipeError

TOLD = ("RANK", "LOCAL_RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT", "SHARDED")
WRITE = f"""
import os, pathlib, sys
pathlib.Path(sys.argv[1], os.environ["RANK"]).write_text(repr([os.environ[name] for name in {TOLD}]))
"""


@pytest.fixture(autouse=True)
def _no_launcher(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in TOLD:
        monkeypatch.delenv(name, raising=False)


def test_the_others_run_the_same_command_each_at_its_place(tmp_path: Path) -> None:
    before = dict(os.environ)
    with launched(3, [sys.executable, "-c", WRITE, str(tmp_path)], {"SHARDED": "true"}):
        assert (number_of_processes(), is_first()) == (3, True)
        port = os.environ["MASTER_PORT"]
    for rank in ("1", "2"):
        told = [rank, rank, "3", "3", "127.0.0.1", port, "true"]
        assert (tmp_path / rank).read_text() == repr(told)
    assert dict(os.environ) == before


@pytest.mark.parametrize("processes", [None, 1])
def test_one_process_starts_no_other(tmp_path: Path, processes: int | None) -> None:
    with launched(processes, [sys.executable, "-c", WRITE, str(tmp_path)], {"SHARDED": "true"}):
        assert os.environ["SHARDED"] == "true"
    assert not list(tmp_path.iterdir())


def test_a_process_of_a_launcher_starts_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv("RANK", "1")
    with launched(2, [sys.executable, "-c", WRITE, str(tmp_path)], {}):
        assert not is_first()
    with pytest.raises(RecipeError, match="--processes is 3 and a launcher started 2"), launched(3, [], {}):
        raise AssertionError("it must not begin")
    assert not list(tmp_path.iterdir())


FAILS = """
import sys, time
from stillroom.recipes.launch import launched

with launched(2, [sys.executable, "-c", "raise SystemExit(3)"], {}):
    time.sleep(60)
"""


def test_another_that_ends_before_they_met_ends_the_first() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FAILS], capture_output=True, text=True, check=False, timeout=50
    )
    assert (done.returncode, done.stderr) == (
        1,
        "stillroom: another process of the run ended with exit code 3\n",
    )
