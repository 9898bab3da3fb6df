from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from stillroom.models.roster import known_model
from stillroom.recipes.planning import probe


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STILLROOM_CACHE", str(tmp_path))
    monkeypatch.setattr(probe, "_ROWS", 1)
    monkeypatch.setattr(probe, "_EMULATED_SIZE", 64)
    monkeypatch.setattr(probe, "_LEAST_SECONDS", 0.0)
    monkeypatch.setattr(probe, "_COPIED_FLOATS", 1 << 10)
    return tmp_path


def test_this_machine_is_measured_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = probe.this_machine()
    assert first.flops["float32"] > 0
    assert first.bytes_per_second > 0
    monkeypatch.setattr(probe, "_measured", lambda: pytest.fail("measured again"))
    assert probe.this_machine() == first


def test_another_machine_or_a_wish_measures_again(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    probe.this_machine()
    times: list[float] = []
    monkeypatch.setattr(probe, "_seconds", lambda work, device: times.append(1.0) or 1.0)
    monkeypatch.setattr(probe, "machine", lambda: {"cpu": "another", "memory_bytes": 2**30})
    assert probe.this_machine().memory_bytes == 2**30
    count = len(times)
    probe.this_machine(fresh=True)
    assert len(times) == 2 * count


def test_a_damaged_file_is_measured_anew(cache: Path) -> None:
    probe.this_machine()
    (cache / "hardware.json").write_text("half a l")
    assert probe.this_machine().name == "here"


@pytest.mark.parametrize("half", [False, True])
def test_speed_is_that_of_training_layers(half: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def seconds(work: Callable[[], object], device: str) -> float:
        work()
        return 2.0

    monkeypatch.setattr(probe, "_seconds", seconds)
    smollm2 = known_model("smollm2-135m-instruct").architecture
    tokens = probe._TOKENS
    assert probe._training_flops(half=half) == pytest.approx(
        6 * tokens * 2 * smollm2.linear_weights / 30 / 2.0
    )
