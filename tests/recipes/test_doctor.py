from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from stillroom.recipes import doctor
from stillroom.recipes.doctor import examine
from stillroom.recipes.finding import Finding
from stillroom.types import ModelError

SOUND = {
    "cpu": "Example",
    "cpu_features": ["avx512f", "amx_bf16"],
    "cores": 2,
    "memory_bytes": 16 * 2**30,
    "python": "3.11.9",
    "system": "Linux x86_64",
}


def look(runs: Path, monkeypatch: pytest.MonkeyPatch, **changes: object) -> dict[str, Finding]:
    monkeypatch.setattr(doctor, "machine", lambda: {**SOUND, **changes})
    monkeypatch.setattr(
        doctor, "cpu_computes_bfloat16", lambda: "amx_bf16" in doctor.machine()["cpu_features"]
    )
    return {finding.subject: finding for finding in examine(runs)}


def test_a_sound_machine_needs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = look(tmp_path, monkeypatch)
    assert {found[name].verdict for name in ("python", "processor", "memory", "packages")} == {"ok"}
    assert all(bool(item.advice) == (item.verdict != "ok") for item in found.values())


def test_a_processor_without_bfloat16_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    processor = look(tmp_path, monkeypatch, cpu_features=["avx2"])["processor"]
    assert processor.verdict == "note"
    assert "float32" in processor.advice


def test_one_core_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert look(tmp_path, monkeypatch, cores=1)["processor"].verdict == "note"


def test_too_little_memory_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = look(tmp_path, monkeypatch, memory_bytes=4 * 2**30)["memory"]
    assert (memory.verdict, memory.found) == ("problem", "4.0 GiB")
    assert "train.tokens_per_pass" in memory.advice


def test_too_little_disk_is_a_problem_even_where_the_folder_is_still_to_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage("/")._replace(free=10**9)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    disk = look(tmp_path / "runs" / "deep", monkeypatch)["disk"]
    assert (disk.verdict, disk.found) == ("problem", f"1.0 GB free at {tmp_path}")


def test_missing_packages_name_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        doctor,
        "extras",
        lambda: {"": ("torch",), "export": ("absent",), "quickstart": ("absent",), "icd": ("absent-too",)},
    )
    monkeypatch.setattr(doctor, "installed", lambda name: None if name.startswith("absent") else "1.0")
    found = look(tmp_path, monkeypatch)
    assert found["packages"].found == "torch 1.0"
    assert found["extra export"] == Finding(
        "extra export", "problem", "missing: absent", "pip install 'stillroom[export]'"
    )
    assert found["extra icd"].verdict == "note"
    assert "extra quickstart" not in found


def test_after_the_quickstart_s_install_the_machine_is_sound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needed = {package for extra in ("", "quickstart") for package in doctor.extras()[extra]}
    monkeypatch.setattr(doctor, "installed", lambda name: "1.0" if name in needed else None)
    monkeypatch.setattr(doctor, "locate", only_the_quickstart_s_model)
    assert {finding.verdict for finding in look(tmp_path, monkeypatch).values()} == {"ok", "note"}


def only_the_quickstart_s_model(name: str) -> Path:
    if name != "smollm2-135m-instruct":
        raise ModelError(f"no {name}", "a model", "get it")
    return Path(name)


def test_a_model_not_fetched_names_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STILLROOM_CACHE", str(tmp_path))
    model = look(tmp_path, monkeypatch)["model smollm2-135m-instruct"]
    assert model.verdict == "problem"
    assert model.advice == "run: stillroom models get smollm2-135m-instruct"
