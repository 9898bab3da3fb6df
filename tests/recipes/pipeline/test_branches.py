"""Runs with several teachers at once, or one after the other."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from stillroom.models import LanguageModel
from stillroom.recipes import Recipe, load, run
from stillroom.recipes.stored import purge_signals, run_signals
from stillroom.types import DataError, RecipeError

MANY = {"fusion": {"kind": "fixed", "shares": [0.6, 0.4]}, "hidden_weight": 0.0}


def changed(recipe: Recipe, objective: dict[str, Any] | None = None, **blocks: Any) -> Recipe:
    data = recipe.model_dump(mode="json")
    return load({**data, **blocks, "objective": {**data["objective"], **(objective or {})}})


def further(recipe: Recipe, **teacher: Any) -> dict[str, Any]:
    data = recipe.model_dump(mode="json")
    return {"teacher": {**data["teacher"], **teacher}, "teach": data["teach"]}


def facts(run_dir: Path) -> dict[str, Any]:
    stages = json.loads((run_dir / "manifest.json").read_text())["stages"]
    return {stage["name"]: stage["facts"] for stage in stages}


def test_two_teachers_of_overlapping_examples_teach_one_student(small_recipe: Recipe, tmp_path: Path) -> None:
    data = small_recipe.model_dump(mode="json")
    elsewhere = shutil.copytree(data["teacher"]["model"], tmp_path / "elsewhere")
    terms = {"name": "elsewhere", "version": "1", "licence": "OTHER-1.0", "url": "", "citation": ""}
    (elsewhere / "lineage.json").write_text(json.dumps([terms]))
    two = changed(
        small_recipe,
        MANY,
        teacher={**data["teacher"], "examples": {"between": [0.0, 0.7]}},
        further_teachers={
            "other": further(small_recipe, model=str(elsewhere), examples={"between": [0.3, 1.0]})
        },
    )
    result = run(two, tmp_path, until="distil")
    stages = facts(result.run_dir)
    assert list(stages) == [
        "prepare", "teach", "gate", "teach.other", "gate.other", "signals", "signals.other", "control", "student",
    ]  # fmt: skip
    assert stages["gate.other"] == {"heard": True}
    licences = [source.licence for source in LanguageModel.load(result.run_dir / "student").sources]
    assert "OTHER-1.0" in licences
    assert len(licences) == 2
    assert stages["teach"]["fingerprint"] != stages["teach.other"]["fingerprint"]
    again = run(two, tmp_path, until="distil")
    assert all(stage["kept"] for stage in json.loads((again.run_dir / "manifest.json").read_text())["stages"])
    assert len(run_signals(result.run_dir).stores) == 2
    purge_signals(result.run_dir)
    assert not list(result.run_dir.glob("signals*"))


def test_a_further_teacher_that_knows_nothing_is_not_heard(small_recipe: Recipe, tmp_path: Path) -> None:
    data = small_recipe.model_dump(mode="json")
    ignorant = {"teacher": data["teacher"], "teach": {**data["teach"], "steps": 1, "learning_rate": 1e-9}}
    ignorant["teach"] |= {"warmup_share": None, "warmup_steps": 0}
    lonely = changed(small_recipe, MANY, further_teachers={"other": ignorant})
    heard = run(lonely, tmp_path / "a", until="distil").run_dir
    gate = facts(heard)["gate.other"]
    assert not gate["heard"]
    assert "log-perplexity" in gate["why"]
    assert not (heard / "signals.other").exists()
    alone = run(changed(small_recipe, {"hidden_weight": 0.0}), tmp_path / "b", until="distil").run_dir
    ours, theirs = (LanguageModel.load(folder / "student").fingerprint() for folder in (heard, alone))
    assert ours == theirs


def test_assistants_teach_one_after_the_other(small_recipe: Recipe, tmp_path: Path) -> None:
    data = small_recipe.model_dump(mode="json")
    assistant = {
        "student": {"layers": [0, 1, 3]},
        "objective": {**data["objective"], "hidden_weight": 1.0},
        "train": data["train"],
    }
    second = {**assistant, "student": {"layers": [0, 2]}}
    staged = changed(small_recipe, {"hidden_weight": 0.0}, assistants=[assistant, second])
    run_dir = run(staged, tmp_path, until="distil").run_dir
    assert [name for name in facts(run_dir) if "assistant" in name or "signals" in name] == [
        "signals.assistant-1", "student.assistant-1", "signals.assistant-2", "student.assistant-2", "signals.staged",
    ]  # fmt: skip
    depths = [
        LanguageModel.load(run_dir / name).network.config.num_hidden_layers
        for name in ("student.assistant-1", "student.assistant-2", "student")
    ]
    assert depths == [3, 2, 2]
    index = json.loads(next((run_dir / "signals.staged").rglob("index.json")).read_text())
    taught_by = LanguageModel.load(run_dir / "student.assistant-2").fingerprint()
    assert taught_by in json.dumps(index)


def test_a_student_learns_from_what_its_teacher_wrote(small_recipe: Recipe, tmp_path: Path) -> None:
    written = {"responses": 2, "temperature": 0.5, "max_new_tokens": 24, "judge": None, "keep_labels": True}
    wanted = changed(small_recipe, {"hidden_weight": 0.0}, written=written)
    run_dir = run(wanted, tmp_path, until="distil").run_dir
    stages = facts(run_dir)
    assert list(stages)[-4:] == ["write", "signals.written", "control", "student"]
    lines = [json.loads(line) for line in (run_dir / "write/examples.jsonl").read_text().splitlines()]
    assert stages["write"]["examples"] == len(lines) > 60
    assert any(line["id"].endswith("#2") for line in lines)
    assert stages["signals.written"]["rows"] > 60


@pytest.mark.parametrize("mode", [{"mean_teacher": {"decay": 0.9}}, {"mutual": {"layers": [0, 3]}}])
def test_a_student_without_a_teacher_needs_no_signals(
    small_recipe: Recipe, tmp_path: Path, mode: dict[str, Any]
) -> None:
    own = changed(small_recipe, {"alpha": 0.5, "hidden_weight": 0.0, **mode})
    run_dir = run(own, tmp_path, until="distil").run_dir
    assert "signals" not in facts(run_dir)
    points = json.loads((run_dir / "student/record.json").read_text())["points"]
    assert "forward_kl" in points[-1]["figures"]


@pytest.mark.parametrize(
    ("objective", "blocks", "told"),
    [
        ({}, {"further_teachers": {}}, None),
        ({}, "further", r"further_teachers without objective\.fusion"),
        ({"hidden_weight": 1.0}, "assistants", "on the output alone"),
    ],
)
def test_what_does_not_go_together_is_refused(
    small_recipe: Recipe, objective: dict[str, Any], blocks: Any, told: str | None
) -> None:
    data = small_recipe.model_dump(mode="json")
    if blocks == "further":
        blocks = {"further_teachers": {"other": further(small_recipe)}}
    elif blocks == "assistants":
        own = {"student": data["student"], "objective": data["objective"], "train": data["train"]}
        blocks = {"assistants": [own]}
    if told is None:
        changed(small_recipe, objective, **blocks)
        return
    with pytest.raises(RecipeError, match=told):
        changed(small_recipe, objective, **blocks)


def test_examples_that_nobody_has_are_refused(small_recipe: Recipe, tmp_path: Path) -> None:
    data = small_recipe.model_dump(mode="json")
    nobody = changed(small_recipe, teacher={**data["teacher"], "examples": {"kinds": ["none"]}})
    with pytest.raises(DataError, match="no training example for a teacher"):
        run(nobody, tmp_path, until="teach")
