"""A run whose student is adapted to each patient, and what a ward then does with its bundle."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import csv, parquet
from typer.testing import CliRunner

from stillroom.cli.app import app
from stillroom.export.onnx.bundle import OnnxBundle
from stillroom.export.onnx.personal.plan import PLAN_FILE, plan_of
from stillroom.recipes import RunResult, load, run
from stillroom.types import ExportError

SMALL = [
    "seeds=[1]",
    "data.window_hours=1",
    "teachers.trees.model.rounds=5",
    "teachers.trees.model.least_cases=5",
    "teachers.trees.folds=2",
    "train.steps=5",
    "evaluate.bootstrap_repeats=100",
    "export.latency_repeats=20",
    "evaluate.gates=[]",
]


def pressures(often: bool, random: np.random.Generator) -> np.ndarray:
    """Hourly; good in the hour before a forecast, and between forecasts low as often as this patient's is."""
    values = np.full(48, 80.0)
    for hour in range(4, 48, 4):
        values[hour : hour + 3] = 60.0 if random.random() < (0.95 if often else 0.05) else 80.0
    return values


def stays(folder: Path, number: int = 48) -> Path:
    random = np.random.default_rng(0)
    rows = [
        (stay, 60 * hour, "MAP", float(value))
        for stay in range(number)
        for hour, value in enumerate(pressures(stay % 2 == 0, random))
    ]
    names = ("record_id", "minute", "parameter", "value")
    columns = {name: list(of) for name, of in zip(names, zip(*rows, strict=True), strict=True)}
    folder.mkdir()
    parquet.write_table(pa.table(columns), folder / "set_a_events.parquet")
    split = np.array(["train", "train", "val", "test"])[np.arange(number) // 2 % 4]
    csv.write_csv(pa.table({"record_id": np.arange(number), "split": split}), folder / "set_a_outcomes.csv")
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stays(tmp_path_factory.mktemp("data") / "stays")


@pytest.fixture(scope="module")
def result(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    changes = [f"data.folder={folder}", "personalise.changes=last_layer", *SMALL]
    return run(load("icu-hypotension", changes), tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def bundle(result: RunResult) -> Path:
    return result.run_dir / "bundle"


def stay(path: Path, often: bool, hours: int = 25) -> Path:
    values = pressures(often, np.random.default_rng(5))[:hours]
    minutes = [60 * hour for hour in range(hours)]
    csv.write_csv(pa.table({"minute": minutes, "parameter": ["MAP"] * hours, "value": values}), path)
    return path


def test_risks_of_later_hours_are_measured_adapted_and_locked(result: RunResult) -> None:
    assert result.evidence is not None
    for subject in ("control", "student"):
        change = result.evidence.value("personal_log_loss_change", subject)
        assert change.ci_high is not None
        assert change.ci_high < 0
        assert change.n == 12
    assert result.evidence.value("locked_auroc", "student").value < 0.7
    assert result.evidence.value("personal_auroc", "student").value > 0.8
    assert result.evidence.value("personal_risk_error_change", "student").value < 0
    assert result.evidence.facts is not None
    assert float(result.evidence.facts["change_plan, patients adapted"]) > 6


def test_the_report_tells_it(result: RunResult) -> None:
    assert result.report_path is not None
    assert "Adapted to each patient" in result.report_path.read_text("utf-8")


def test_a_ward_adapts_answers_and_returns(bundle: Path, tmp_path: Path) -> None:
    path, ward = stay(tmp_path / "stay.csv", often=True), ["--patient", str(tmp_path / "patient")]
    before = CliRunner().invoke(app, ["personalise", "answer", str(bundle), str(path), *ward])
    made = CliRunner().invoke(app, ["personalise", "update", str(bundle), str(path), *ward])
    assert made.exit_code == 0, made.output
    after = CliRunner().invoke(app, ["personalise", "answer", str(bundle), str(path), *ward])
    risk = {name: float(told.output.split()[3].strip(";")) for name, told in (("b", before), ("a", after))}
    assert risk["a"] > risk["b"]
    back = CliRunner().invoke(app, ["personalise", "rollback", str(bundle), *ward])
    assert "rollback" in back.output
    again = CliRunner().invoke(app, ["personalise", "answer", str(bundle), str(path), *ward])
    assert again.output == before.output


def test_a_refused_update_ends_with_3_and_leaves_the_model_alone(bundle: Path, tmp_path: Path) -> None:
    path, ward = stay(tmp_path / "stay.csv", often=True, hours=9), ["--patient", str(tmp_path / "patient")]
    refused = CliRunner().invoke(app, ["personalise", "update", str(bundle), str(path), *ward])
    assert refused.exit_code == 3
    shown = CliRunner().invoke(app, ["personalise", "show", str(bundle), *ward])
    assert "refusal" in shown.output
    assert "+0.00" in shown.output


def test_the_plan_is_sealed_in_the_bundle(bundle: Path, tmp_path: Path) -> None:
    plan = plan_of(OnnxBundle.open(bundle))
    assert plan.shown["personal_log_loss"] < plan.shown["locked_log_loss"]
    changed = shutil.copytree(bundle, tmp_path / "bundle")
    text = (changed / PLAN_FILE).read_text().replace('"most_shift":1.5', '"most_shift":9.5')
    (changed / PLAN_FILE).write_text(text)
    with pytest.raises(ExportError, match=PLAN_FILE):
        OnnxBundle.open(changed)
