from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

import stillroom.recipes
from stillroom.recipes.offline import OFFLINE
from stillroom.types import DataError

HEAVY = ["torch", "transformers", "accelerate", "matplotlib", "scipy", "openvino"]
START = """
import contextlib, json, sys
sys.argv = ["stillroom", *sys.argv[1:]]
from stillroom.cli import main
with contextlib.suppress(SystemExit):
    main()
print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


@pytest.mark.parametrize("arguments", [["--help"], ["recipes"], ["run", "quickstart", "--dry-run"]])
def test_looking_around_needs_none_of_the_heavy_packages(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", START, *arguments], capture_output=True, text=True, check=True, timeout=120
    )
    assert "quickstart" in done.stdout
    assert not set(HEAVY) & set(json.loads(done.stderr))


def test_nothing_calls_home(stillroom: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in OFFLINE:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    stillroom("--version")
    assert {name: os.environ[name] for name in OFFLINE} == {**OFFLINE, "HF_HUB_OFFLINE": "0"}


def fail_with(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def run(*args: Any, **options: Any) -> None:
        raise error

    monkeypatch.setitem(stillroom.recipes.__dict__, "run", run)


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (
            DataError("0 rows", "at least 1", "check `corpus.source`"),
            1,
            "0 rows; expected at least 1. To fix: check `corpus.source`",
        ),
        (
            KeyboardInterrupt(),
            130,
            "stopped. Run the same command again to go on from here",
        ),
        (
            OSError(errno.ENOSPC, "No space left on device"),
            1,
            "the disk is full; expected room for the run. To fix: free some space or choose another --runs",
        ),
        (
            RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
            1,
            "out of memory; expected room for one pass. To fix: halve train.tokens_per_pass and run again",
        ),
        (
            MemoryError(),
            1,
            "out of memory; expected room for one pass. To fix: halve train.tokens_per_pass and run again",
        ),
    ],
)
def test_a_problem_ends_in_one_line_and_a_code(
    stillroom: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    code: int,
    line: str,
) -> None:
    fail_with(monkeypatch, error)
    ended = stillroom("run", "quickstart")
    assert (ended.code, ended.err) == (code, f"stillroom: {line}\n")


@pytest.mark.parametrize(
    "error", [RuntimeError("a defect"), OSError(errno.EIO, "a defect"), ValueError("a defect")]
)
def test_a_defect_keeps_its_traceback(
    stillroom: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    fail_with(monkeypatch, error)
    with pytest.raises(type(error), match="a defect"):
        stillroom("run", "quickstart")


def test_wrong_usage_ends_with_code_2(stillroom: Callable[..., Any]) -> None:
    assert stillroom("run").code == 2
    assert stillroom("run", "quickstart", "--stage").code == 2
    assert "Did you mean 'run'?" in stillroom("rum").err


COMMANDS = [
    *["run", "prepare", "teach", "signals", "distil", "export", "validate", "report"],
    *["doctor", "losses", "recipes", "recipes show", "recipes keys", "models", "models list", "models get"],
    *["purge", "purge signals", "signals show", "signals purge"],
]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_an_example(stillroom: Callable[..., Any], command: str) -> None:
    ended = stillroom(*command.split(), "--help")
    assert ended.code == 0
    assert f"Example: stillroom {command.split()[0]}" in ended.out
