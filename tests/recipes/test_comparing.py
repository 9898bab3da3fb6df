"""Folders of runs are read as far as they go; what is no run is refused in a line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from stillroom.recipes.comparing import compare_runs, read_run
from stillroom.recipes.evidence_files import DRAWS_FILE, load_draws, write_evidence
from stillroom.types import Evidence, StorageError
from stillroom.types.files import write_json, write_text
from stillroom.validate import ClassificationSettings, measure_classification

SETTINGS = ClassificationSettings(classes=("well", "ill"), bootstrap_repeats=100)
TRUTH = np.arange(60) % 2


def measured(skill: float) -> Evidence:
    noise = np.random.default_rng(1).normal(size=60)
    said = 1 / (1 + np.exp(-(skill * (2 * TRUTH - 1) + noise)))
    evidence = measure_classification({"bundle": said}, TRUTH, [str(at) for at in range(60)], SETTINGS)
    return replace(evidence, facts={**(evidence.facts or {}), "primary": "auroc", "items_sha256": "i"})


def finished(folder: Path, skill: float) -> Path:
    """What a run leaves: evidence at the top, its resamples with the stage."""
    evidence = measured(skill)
    write_evidence(folder / "evidence", evidence)
    write_json(folder / "evidence.json", evidence.to_dict())
    write_text(folder / "recipe.yaml", f"name: {folder.name}\ntrain: {{steps: {skill * 100:.0f}}}\n")
    stage = {"name": "student.1", "seconds": 4.0, "peak_memory_bytes": 2**30, "fingerprint": "f"}
    machine = {"cpu": "abacus", "cores": 2, "cpu_features": ["beads"]}
    about = {"recipe_fingerprint": "r", "seconds": 4.0, "peak_memory_bytes": 2**30, "stages": [stage]}
    write_json(folder / "manifest.json", {**about, "machine": machine})
    return folder


def test_two_runs_on_the_same_patients_are_paired(tmp_path: Path) -> None:
    first, second = finished(tmp_path / "weak", 0.3), finished(tmp_path / "strong", 3.0)
    comparison = compare_runs(first, second, tmp_path / "page.html")
    (auroc,) = [row for row in comparison.shared if row.first.name == "auroc"]
    assert auroc.basis == "paired"
    page = (tmp_path / "page.html").read_text("utf-8")
    assert "strong is better, by AUROC." in page
    assert "train.steps" in page
    assert json.loads((tmp_path / "page.json").read_text("utf-8"))["first"] == "weak"
    assert (tmp_path / "page.json").stat().st_mode & 0o777 == 0o600


def test_a_folder_of_evidence_alone_is_enough(tmp_path: Path) -> None:
    write_evidence(tmp_path / "bare", measured(1.0))
    run = read_run(tmp_path / "bare", "bare")
    assert run.side.draws
    assert (run.recipe, run.stages, run.side.machine) == ({}, (), {})


def test_resamples_of_other_evidence_are_not_used(tmp_path: Path) -> None:
    write_evidence(tmp_path, measured(1.0))
    assert load_draws(tmp_path / DRAWS_FILE, measured(1.0))
    assert load_draws(tmp_path / DRAWS_FILE, measured(2.0)) == {}
    (tmp_path / DRAWS_FILE).write_bytes(b"damaged")
    assert load_draws(tmp_path / DRAWS_FILE, measured(1.0)) == {}


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    run = finished(tmp_path / "run", 1.0)
    with pytest.raises(StorageError, match=r"holds no evidence\.json that can be read"):
        compare_runs(run, tmp_path / "nothing", tmp_path / "page.html")
    with pytest.raises(StorageError, match="two runs"):
        compare_runs(run, run, tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()
