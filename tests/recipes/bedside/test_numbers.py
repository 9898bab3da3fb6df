"""A task that asks for a number, from its data to its report."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from stillroom.data.bedside.yaib import YAIB_VITALS
from stillroom.export.onnx.bundle import OnnxBundle
from stillroom.recipes import RunResult, load, run
from stillroom.recipes.bundled.validate import validate_bundle
from stillroom.report.format import significant
from stillroom.types import RecipeError

SMALL = [
    "seeds=[1,2]",
    "data.every_hours=3",
    "data.window_hours=4",
    "teachers.trees.model.rounds=40",
    "teachers.trees.model.least_cases=5",
    "teachers.trees.folds=2",
    "student.dropout=0",
    "train.steps=120",
    "train.learning_rate=2e-2",
    "evaluate.bootstrap_repeats=100",
    "export.latency_repeats=20",
]


def stays(folder: Path) -> Path:
    """Stays whose heart rate tells how many hours remain, in the form of the source."""
    folder.mkdir()
    random = np.random.default_rng(0)
    for database, first, number in (("eicu_demo", 0, 60), ("mimic_demo", 100, 6)):
        hours = np.tile(np.arange(12), number)
        stay = np.repeat(np.arange(first, first + number), 12)
        remaining = np.repeat(random.integers(12, 120, number), 12) - hours
        names = {"stay_id": stay, "time": pa.array(3600 * hours, pa.duration("s"))}
        rate = 60.0 + remaining / 2 + random.normal(0, 2, len(hours))
        dyn = {**dict.fromkeys(YAIB_VITALS, [None] * len(hours)), **names, "hr": rate}
        sta = {"stay_id": np.unique(stay), "sex": ["Female", "Male"] * (number // 2)}
        sta |= dict.fromkeys(("age", "height", "weight"), np.full(number, 70.0))
        tables = {"dyn": dyn, "sta": sta, "outc": {**names, "label": remaining.astype(float)}}
        for part, table in tables.items():
            parquet.write_table(pa.table(table), folder / f"los.{database}.{part}.parquet")
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stays(tmp_path_factory.mktemp("data") / "stays")


@pytest.fixture(scope="module")
def result(folder: Path) -> RunResult:
    return run(load("yaib-length-of-stay", [f"data.folder={folder}", *SMALL]), folder.parent / "runs")


def test_all_five_subjects_are_measured_in_days_over_all_seeds_and_databases(result: RunResult) -> None:
    assert result.evidence is not None
    value = result.evidence.value
    for subject in ("teacher", "control", "student", "bundle"):
        assert value("r2", subject).value > 0.5
        assert value("mae", subject).value < 1.0
    assert value("r2", "student_untrained").value < 0.0
    assert value("mae/seed:2", "student").value > 0.0
    assert value("mae/database:mimic_demo", "bundle").n == 6
    assert value("mae_minus_control/database:eicu_demo", "student").ci_low is not None
    assert (result.evidence.facts or {})["primary"] == "mae"


def test_the_squared_error_of_both_trainings_is_drawn_in_the_target_s_unit(result: RunResult) -> None:
    assert result.evidence is not None
    drawn = {(curve.name, curve.subject, curve.y_label) for curve in result.evidence.curves}
    for subject in ("control", "student"):
        assert ("training loss of the task", subject, "target²") in drawn
        assert ("validation loss of the task", subject, "target²") in drawn


def test_gates_are_decided_and_the_report_tells_days(result: RunResult) -> None:
    assert result.evidence is not None
    verdicts = {gate.metric: gate.verdict for gate in result.evidence.gates}
    assert verdicts["r2/database:eicu_demo"] == "pass"
    assert result.report_path is not None
    page = result.report_path.read_text("utf-8")
    assert f"{significant(result.evidence.value('mae', 'bundle').value)} days" in page


def test_the_bundle_gives_the_number_itself(result: RunResult) -> None:
    assert result.evidence is not None
    assert float((result.evidence.facts or {})["bundle_largest_difference"]) < 1e-4
    manifest = OnnxBundle.open(result.run_dir / "bundle").manifest
    assert (manifest.answer, manifest.names) == ("values", ("remaining days",))
    assert (manifest.temperature, manifest.thresholds) == ((1.0,), ())


def test_a_bundle_by_itself_is_measured_as_in_its_run(
    result: RunResult, folder: Path, tmp_path: Path
) -> None:
    found = validate_bundle(result.run_dir / "bundle", data=folder, output=tmp_path / "found").evidence
    assert result.evidence is not None
    for name in ("mae", "r2"):
        theirs = result.evidence.value(f"{name}/seed:1", "bundle").value
        assert found.value(name, "bundle").value == pytest.approx(theirs)


def test_membership_is_attacked_by_squared_errors(result: RunResult) -> None:
    assert result.evidence is not None
    assert 0.3 < result.evidence.value("membership_auc/loss_threshold", "student").value < 0.8


@pytest.mark.parametrize("axis", ["explain", "shift"])
def test_axes_of_classes_are_refused(axis: str) -> None:
    with pytest.raises(RecipeError, match="`explain` and `shift` of `evaluate` null for numbers"):
        load("yaib-length-of-stay", [f"evaluate.{axis}={{}}"])
