from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from stillroom.cli.entry import main


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


@pytest.fixture
def stillroom(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """Run a command in this process, as the console script does."""
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("NO_COLOR", "1")

    def command(*arguments: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["stillroom", *arguments])
        with pytest.raises(SystemExit) as ending:
            main()
        said = capfd.readouterr()
        code = ending.value.code
        return Ended(code if isinstance(code, int) else 0, said.out, said.err)

    return command
