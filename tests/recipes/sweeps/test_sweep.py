"""A sweep from end to end, on a tiny random teacher and a made file of questions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stillroom.recipes import Recipe
from stillroom.recipes.sweeps.sweep import SWEEP_FILE, sweep


def events(run_dir: Path, event: str) -> set[str]:
    lines = (run_dir / "events.jsonl").read_text().splitlines()
    return {told["stage"] for told in map(json.loads, lines) if told["event"] == event}


def test_points_share_stages_are_compared_on_validation_rows_and_go_on(
    recipe: Recipe, tmp_path: Path
) -> None:
    runs = tmp_path / "runs"
    found = sweep(recipe, ["objective.alpha=0.2,1.0"], runs)
    first, second = (runs / "quickstart.sweep" / f"alpha-{alpha}.seed-1" for alpha in ("0.2", "1.0"))
    assert events(first, "finished") >= {"prepare", "teach", "control", "student"}
    assert events(second, "finished") == {"student"}, "everything else is shared"
    assert not (second / "evidence").exists(), "the test split is not touched"
    assert len(found.settings) == 2
    students = [setting.student for setting in found.settings]
    assert students == sorted(students)
    assert found.settings[0].control == found.settings[1].control

    figures = found.settings[0].by_seed[1]
    assert figures.margin == pytest.approx(figures.student - figures.control)
    assert figures.margin_low <= figures.margin <= figures.margin_high
    assert figures.kl_to_teacher is not None

    told = json.loads((runs / "quickstart.sweep" / SWEEP_FILE).read_text())
    assert told["split"] == "validation"
    (second / "events.jsonl").unlink()
    assert sweep(recipe, ["objective.alpha=0.2,1.0"], runs).to_dict() == found.to_dict()
    assert "student" in events(second, "kept")
