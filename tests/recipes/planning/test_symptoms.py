from __future__ import annotations

import json
from pathlib import Path

from stillroom.recipes import Recipe, load
from stillroom.recipes.finding import Finding
from stillroom.recipes.planning.edits import edited
from stillroom.recipes.planning.symptoms import symptoms
from stillroom.train.watch import SKIPPED
from stillroom.types import Evidence, Metric
from stillroom.types.record import Point, TrainRecord


def told(recipe: Recipe, run_dir: Path) -> dict[str, Finding]:
    return {finding.subject: finding for finding in symptoms(recipe, run_dir)}


def trained(run_dir: Path, folder: str, points: list[Point]) -> None:
    (run_dir / folder).mkdir()
    record = TrainRecord(len(points), 1, 1.0, tuple(points))
    (run_dir / folder / "record.json").write_text(json.dumps(record.to_dict()))


def measured(run_dir: Path, **values: tuple[float, float, float]) -> None:
    metrics = [
        Metric(name, "test", "student", value, low, high, 100, "", True)
        for name, (value, low, high) in values.items()
    ]
    (run_dir / "evidence.json").write_text(json.dumps(Evidence(tuple(metrics)).to_dict()))


def falling(steps: int) -> list[Point]:
    return [Point(step, {"loss": 3.0 - step / steps}) for step in range(1, steps + 1)]


def test_no_run_tells_nothing(recipe: Recipe, tmp_path: Path) -> None:
    assert told(recipe, tmp_path / "absent") == {}


def test_a_sound_run_tells_nothing(recipe: Recipe, tmp_path: Path) -> None:
    trained(tmp_path, "student", falling(60))
    measured(
        tmp_path,
        retention_token_accuracy=(0.9, 0.8, 1.0),
        log_perplexity_minus_control=(-0.5, -0.6, -0.4),
    )
    assert told(recipe, tmp_path) == {}


def test_skipped_steps_ask_for_calm(recipe: Recipe, tmp_path: Path) -> None:
    trained(tmp_path, "student", [*falling(10), Point(11, {SKIPPED: 1.0})])
    finding = told(recipe, tmp_path)["training of student"]
    assert finding.edits == (
        "train.learning_rate=0.0005",
        "train.warmup_share=0.1",
        "train.warmup_steps=null",
    )
    assert edited(recipe, finding.edits) is not None


def test_a_loss_that_rises_asks_for_calm_in_its_own_block(tmp_path: Path) -> None:
    recipe = load("quickstart", ["teach.max_grad_norm=5.0"])
    rising = [Point(step, {"loss": 1.0 if step < 40 else 4.0}) for step in range(1, 81)]
    trained(tmp_path, "teacher", rising)
    finding = told(recipe, tmp_path)["training of teacher"]
    assert "4.0 times" in finding.found
    assert "teach.max_grad_norm=1.0" in finding.edits


def test_poor_retention_asks_for_more_teacher(tmp_path: Path) -> None:
    recipe = load("quickstart", ["objective.alpha=0.5"])
    measured(tmp_path, retention_token_accuracy=(0.45, 0.4, 0.5))
    finding = told(recipe, tmp_path)["retention"]
    changed = edited(recipe, finding.edits)
    assert changed is not None
    assert changed.objective.alpha == 0.8
    assert changed.objective.constant_temperature is None
    assert changed.train.steps == 533
    assert "45%" in finding.found


def test_a_moving_temperature_brings_targets_that_allow_it(tmp_path: Path) -> None:
    recipe = load("quickstart", ["signals.targets={kind: sampled, draws: 50}"])
    measured(tmp_path, retention_token_accuracy=(0.45, 0.4, 0.5))
    changed = edited(recipe, told(recipe, tmp_path)["retention"].edits)
    assert changed is not None
    assert changed.signals.any_temperature


def test_no_gain_over_the_control_is_said(recipe: Recipe, tmp_path: Path) -> None:
    measured(tmp_path, log_perplexity_minus_control=(-0.1, -0.3, 0.1))
    assert "no gain is demonstrated" in told(recipe, tmp_path)["student minus control"].found


def test_how_the_last_run_stopped_is_told_until_it_is_mended(recipe: Recipe, tmp_path: Path) -> None:
    diary = tmp_path / "events.jsonl"
    stopped = {"stage": "student", "event": "stopped", "figures": {"message": "the loss has diverged: 9"}}
    diary.write_text(json.dumps(stopped) + "\nhalf a li")
    finding = told(recipe, tmp_path)["last run, student"]
    assert finding.edits[0] == "train.learning_rate=0.0005"
    finished = {"stage": "student", "event": "finished", "figures": {}}
    diary.write_text(json.dumps(stopped) + "\n" + json.dumps(finished))
    assert told(recipe, tmp_path) == {}
