from __future__ import annotations

import json
from pathlib import Path

import pytest

from stillroom.recipes.planning.hardware import PROFILES, named_hardware
from stillroom.types import RecipeError


def test_profiles_say_where_their_figures_come_from() -> None:
    for machine in PROFILES.values():
        assert machine.source
        assert (machine.devices > 0) == (machine.device_memory_bytes > 0)


def test_turing_has_no_bfloat16() -> None:
    assert not PROFILES["t4x2"].computes_bfloat16
    assert PROFILES["h100"].computes_bfloat16


def test_a_machine_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(PROFILES["a10"].to_dict()))
    assert named_hardware(str(path)) == PROFILES["a10"]


def test_an_unknown_machine_and_a_broken_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="t4x2"):
        named_hardware("t4x4")
    path = tmp_path / "mine.json"
    path.write_text('{"ram": 1}')
    with pytest.raises(RecipeError, match="memory_bytes"):
        named_hardware(str(path))
