from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from stillroom.recipes import Recipe
from stillroom.recipes.planning.diagnosis import diagnose
from stillroom.recipes.planning.hardware import GIB, Hardware


def test_a_plan_comes_with_what_is_to_be_done(recipe: Recipe, machine: Hardware, tmp_path: Path) -> None:
    found = diagnose(recipe, machine, tmp_path)
    assert found.can_run
    assert found.findings[-1].subject == "lengths"
    told = json.loads(json.dumps(found.to_dict()))
    assert told["can_run"]
    assert told["student"]["parameters"] < told["teacher"]["parameters"] == 134_515_008


def test_what_does_not_fit_cannot_run(recipe: Recipe, machine: Hardware, tmp_path: Path) -> None:
    small = replace(machine, memory_bytes=2 * GIB)
    found = diagnose(recipe, small, tmp_path)
    assert not found.can_run
    assert any(finding.subject == "memory of teach" for finding in found.findings)
