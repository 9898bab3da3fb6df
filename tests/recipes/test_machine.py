from __future__ import annotations

from pathlib import Path

import pytest

from stillroom.recipes import machine as module
from stillroom.recipes.machine import extras, installed, machine, versions

CPUINFO = """processor\t: 0
model name\t: Example Processor
flags\t\t: fpu avx2 avx512f amx_bf16

processor\t: 1
model name\t: Other
"""


def test_the_processor_is_read_from_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "cpuinfo"
    path.write_text(CPUINFO)
    monkeypatch.setattr(module, "_CPUINFO", path)
    assert machine()["cpu"] == "Example Processor"
    assert machine()["cpu_features"] == ["avx2", "avx512f", "amx_bf16"]


def test_a_system_without_these_files_is_described_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_CPUINFO", tmp_path / "absent")
    monkeypatch.setattr(module, "_MEMORY_LIMIT", tmp_path / "absent")
    assert machine()["cpu_features"] == []
    assert machine()["memory_bytes"] > 0


def test_a_containers_memory_limit_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(module, "_MEMORY_LIMIT", limit)
    limit.write_text("1000000\n")
    assert machine()["memory_bytes"] == 1_000_000
    limit.write_text("max\n")
    assert machine()["memory_bytes"] > 1_000_000


def test_the_quickstart_extra_holds_what_the_others_bring() -> None:
    listed = extras()
    parts = {name for extra in ("export", "evaluate", "report", "hpo") for name in listed[extra]}
    assert set(listed["quickstart"]) == parts
    assert "torch" in listed[""]


def test_versions_are_those_installed() -> None:
    assert versions()["torch"] == installed("torch")
    assert installed("no-such-package") is None
