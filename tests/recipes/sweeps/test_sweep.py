"""A sweep from end to end, on a tiny random teacher and a made file of questions."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stillroom.models import LanguageModel
from stillroom.recipes import Recipe, load
from stillroom.recipes.sweeps.sweep import SWEEP_FILE, sweep

BUDGET = {"steps": 4, "tokens_per_step": 512, "tokens_per_pass": 512}


@pytest.fixture
def recipe(tmp_path: Path, make_model: Callable[..., LanguageModel]) -> Recipe:
    folder = tmp_path / "model"
    folder.mkdir()
    make_model(layers=4).save(folder)
    lines = [
        {
            "id": f"q{n}",
            "prompt": f"Name number {n}.",
            "response": f"It is {n} and {n + 1}.",
            "group": f"g{n}",
        }
        for n in range(120)
    ]
    file = tmp_path / "made.jsonl"
    file.write_text("\n".join(json.dumps(line) for line in lines))
    changes: dict[str, Any] = {
        "corpus": {
            "source": "file",
            "path": str(file),
            "about": {"name": "made", "version": "1", "licence": "CC0-1.0", "url": "", "citation": ""},
            "columns": {name: name for name in ("id", "prompt", "response", "group")},
            "seed": 1,
            "train": 60,
            "validation": 15,
            "test": 15,
            "validation_share": 0.2,
            "test_share": 0.2,
            "response_characters": None,
        },
        "teacher": {"model": str(folder)},
        "teach": {**BUDGET, "steps": 40, "learning_rate": 1e-2},
        "student": {"layers": [1, 3]},
        "train": BUDGET,
        "evaluate": {"token_items": 12, "bootstrap_repeats": 100, "gates": []},
    }
    data: dict[str, Any] = load("quickstart").model_dump(mode="json")
    for block, values in changes.items():
        data[block] = values if block == "corpus" else {**data[block], **values}
    return load(data)


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
