from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import csv, parquet

from stillroom.export.onnx.bundle import OnnxBundle
from stillroom.recipes import RunResult, load, run
from stillroom.recipes.bundled.validate import ValidatedBundle, validate_bundle
from stillroom.recipes.comparing import compare_runs
from stillroom.recipes.loading import load_language
from stillroom.recipes.stages import Stage
from stillroom.types import DataError, ExportError, RecipeError
from stillroom.types.calibrators import Isotonic
from stillroom.validate import exit_code

SMALL = [
    "seeds=[1,2]",
    "teachers.trees.model.rounds=20",
    "teachers.trees.model.least_cases=5",
    "teachers.trees.folds=2",
    "train.steps=12",
    "evaluate.bootstrap_repeats=100",
    "export.latency_repeats=20",
    "evaluate.gates=[]",
    "evaluate.explain={items: 12, steps: 8, random_orders: 2}",
    "evaluate.shift={deferred: 0.2}",
]


def stays(folder: Path, number: int = 120) -> Path:
    """Stays whose heart rate tells who dies, in the form of the source."""
    random = np.random.default_rng(0)
    died = random.integers(2, size=number)
    hours = np.repeat(np.arange(0, 48 * 60, 240)[None], number, 0)
    rate = 80 + 20 * died[:, None] + random.normal(0, 10, hours.shape)
    events = {
        "record_id": np.repeat(np.arange(number), hours.shape[1]),
        "minute": hours.ravel(),
        "parameter": ["HR"] * hours.size,
        "value": rate.ravel(),
    }
    split = np.array(["train", "train", "val", "test"])[np.arange(number) % 4]
    folder.mkdir()
    parquet.write_table(pa.table(events), folder / "set_a_events.parquet")
    outcomes = {"record_id": np.arange(number), "in_hospital_death": died, "split": split}
    csv.write_csv(pa.table(outcomes), folder / "set_a_outcomes.csv")
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stays(tmp_path_factory.mktemp("data") / "stays")


@pytest.fixture(scope="module")
def lines(folder: Path) -> list[str]:
    """Lines of a small recipe with every axis: explanations, another site, an attack of one's own and another's."""
    path = folder.parent / "attacks.json"
    attack = {"kind": "membership", "attack": "lira", "subject": "bundle", "claims": "much", "limits": "some"}
    path.write_text(json.dumps({"attacks": [{**attack, "scores": [1, 2, 3], "positive": [0, 1, 1]}]}))
    return [f"data.folder={folder}", f"evaluate.privacy.results={path}", *SMALL]


@pytest.fixture(scope="module")
def result(lines: list[str], tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    """One whole run, with every axis."""
    return run(load("icu-mortality", lines), tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def elsewhere(result: RunResult, lines: list[str], tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    """Its first training gone on with: calibrated by steps, and compared with the stays of another site."""
    runs = tmp_path_factory.mktemp("elsewhere")
    other = f"evaluate.shift.data={{task: icu_mortality, folder: {stays(runs / 'stays')}}}"
    more = ["seeds=[1]", "export.calibrator=isotonic", "evaluate.explain=null", other]
    return run(load("icu-mortality", [*lines, *more]), gone_on(result, runs))


def gone_on(result: RunResult, runs: Path) -> Path:
    """Folder of runs with a copy of the whole run, to be gone on with."""
    shutil.copytree(result.run_dir, runs / result.run_dir.name)
    return runs


def test_all_five_subjects_are_measured_over_all_seeds(result: RunResult) -> None:
    assert result.evidence is not None
    for subject in ("teacher", "student_untrained", "control", "student", "bundle"):
        assert 0.0 <= result.evidence.value("auroc", subject).value <= 1.0
    assert result.evidence.value("auroc", "teacher").value > 0.9
    assert result.evidence.value("auroc/seed:2", "student").value > 0.0
    assert result.evidence.value("auroc_minus_control", "student").ci_low is not None
    assert result.evidence.value("auroc/sex:unknown", "bundle").n > 0


def test_the_bundle_is_the_student(result: RunResult) -> None:
    assert result.evidence is not None
    assert result.evidence.facts is not None
    assert float(result.evidence.facts["bundle_largest_difference"]) < 1e-5
    bundle = OnnxBundle.open(result.run_dir / "bundle")
    assert "model_card.md" in bundle.manifest.files
    assert set(bundle.manifest.parents) >= {"prepare", "signals", "student.1"}


@pytest.fixture(scope="module")
def found(result: RunResult, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> ValidatedBundle:
    """The bundle of the first training, carried to another folder and measured there."""
    bundle = shutil.copytree(result.run_dir / "bundle", tmp_path_factory.mktemp("ward") / "student")
    return validate_bundle(bundle, data=folder, tier="risk")


class TestBundleByItself:
    """What ``stillroom validate BUNDLE`` finds is what the run found of its first training."""

    def test_its_figures_are_those_of_its_run(self, found: ValidatedBundle, result: RunResult) -> None:
        assert result.evidence is not None
        for name in ("auroc", "log_loss", "ece"):
            ours, theirs = (
                found.evidence.value(name, "bundle"),
                result.evidence.value(f"{name}/seed:1", "bundle"),
            )
            assert (ours.value, ours.ci_low, ours.n) == pytest.approx((theirs.value, theirs.ci_low, theirs.n))
        assert {metric.subject for metric in found.evidence.metrics} == {"bundle"}

    def test_the_tier_decides_and_what_was_not_measured_is_not_demonstrated(
        self, found: ValidatedBundle
    ) -> None:
        verdicts = {gate.metric: gate.verdict for gate in found.evidence.gates}
        assert verdicts["answer_ms_p95"] == "pass"
        assert verdicts["kept_accuracy"] == "not_demonstrated"
        assert exit_code(found.evidence) in (3, 4)

    def test_evidence_lies_beside_the_bundle_and_can_be_compared(
        self, found: ValidatedBundle, result: RunResult, tmp_path: Path
    ) -> None:
        assert found.folder.name == "student.evidence"
        names = {"evidence.json", "draws.safetensors", "verdict.json", "recipe.yaml", "manifest.json"}
        assert {path.name for path in found.folder.iterdir()} == names
        comparison = compare_runs(result.run_dir, found.folder, tmp_path / "page.html")
        assert {row.basis for row in comparison.shared if row.first.name == "auroc"} == {"paired"}

    def test_the_data_it_was_made_from_are_known_again(self, found: ValidatedBundle) -> None:
        assert (found.evidence.facts or {})["data"] == (
            "the data it was made from: nothing of the test split was learned from"
        )

    def test_other_data_are_measured_and_said_to_be_other(self, result: RunResult, tmp_path: Path) -> None:
        others = stays(tmp_path / "others", 160)
        told = validate_bundle(
            result.run_dir / "bundle", data=others, output=tmp_path / "found"
        ).evidence.facts
        assert "nothing shows that no test item was learned from" in str((told or {})["data"])

    def test_hashes_come_first(self, result: RunResult, tmp_path: Path) -> None:
        bundle = shutil.copytree(result.run_dir / "bundle", tmp_path / "bundle")
        with (bundle / "model.onnx").open("ab") as graph:
            graph.write(b"x")
        with pytest.raises(ExportError, match=r"model\.onnx has been changed"):
            validate_bundle(bundle, data=tmp_path / "nowhere")
        assert [path.name for path in tmp_path.iterdir()] == ["bundle"]

    def test_without_its_data_or_a_bundle_one_line_tells(self, result: RunResult, tmp_path: Path) -> None:
        with pytest.raises(DataError, match=r"no files in .*expected the folder that holds the data"):
            validate_bundle(result.run_dir / "bundle", data=tmp_path / "nowhere")
        with pytest.raises(ExportError, match=r"is no bundle; .*To fix: name .*/bundle"):
            validate_bundle(result.run_dir)


def test_the_report_tells_the_verdict_the_seeds_and_the_subgroups(result: RunResult) -> None:
    assert result.report_path is not None
    page = result.report_path.read_text("utf-8")
    for told in (
        "AUROC",
        "seed 2",
        "Sex unknown",
        "Cohort",
        "Values changed" if "mended" in page else "Patients",
    ):
        assert told in page
    assert "token" not in page.partition("How it was measured")[0].partition("<body>")[2]


def test_trees_and_network_are_explained_by_the_same_channels(result: RunResult) -> None:
    assert result.evidence is not None
    facts = result.evidence.facts or {}
    assert float(facts["explain_incompleteness_teacher"]) < 1e-6
    assert facts["explained_items"] == 12
    value = result.evidence.value
    assert value("insertion_above_random", "teacher").ci_low is not None
    for name in ("attribution_rank_agreement", "attribution_top_agreement", "fidelity"):
        assert abs(value(name, "student").value) <= 1.0
        expected = value(name, "student").value - value(name, "control").value
        assert value(f"{name}_minus_control", "student").value == pytest.approx(expected)
    assert result.report_path is not None
    assert 'id="explanations"' in result.report_path.read_text("utf-8")


def test_what_the_calibrator_brings_is_in_the_evidence(result: RunResult) -> None:
    assert result.evidence is not None
    before, after = (
        result.evidence.value(name, "bundle").value for name in ("log_loss_uncalibrated", "log_loss")
    )
    change = result.evidence.value("log_loss_minus_uncalibrated", "bundle")
    assert change.value == pytest.approx(after - before)
    assert change.ci_low is not None
    assert result.report_path is not None
    assert "before its calibrator was applied" in result.report_path.read_text("utf-8")


def test_an_isotonic_calibrator_is_fitted_shipped_and_applied(elsewhere: RunResult) -> None:
    bundle = OnnxBundle.open(elsewhere.run_dir / "bundle")
    assert isinstance(bundle.manifest.calibrator, Isotonic)
    assert elsewhere.evidence is not None
    # A steep step turns roundings of the runtime into more.
    assert float((elsewhere.evidence.facts or {})["bundle_largest_difference"]) < 0.02


def test_a_second_run_keeps_everything(result: RunResult, lines: list[str]) -> None:
    from stillroom.recipes.bedside.run import run_bedside
    from stillroom.recipes.bedside_recipe import BedsideRecipe
    from stillroom.types.progress import silent

    recipe = load("icu-mortality", lines)
    assert isinstance(recipe, BedsideRecipe)
    made: list[Stage] = run_bedside(recipe, result.run_dir, None, (), silent)
    assert all(stage.reused for stage in made)


def test_a_change_of_the_student_keeps_the_teacher(
    result: RunResult, lines: list[str], tmp_path: Path
) -> None:
    changed = load("icu-mortality", [*lines, "student.widths=[4]"])
    run_dir = run(changed, gone_on(result, tmp_path), until="distil").run_dir
    events = (run_dir / "events.jsonl").read_text().splitlines()
    last = [line for line in events if '"kept"' in line][-3:]
    assert ["prepare" in last[0], "teach.trees" in last[1], "signals" in last[2]] == [True] * 3


def test_a_language_command_refuses_a_bedside_recipe() -> None:
    with pytest.raises(RecipeError, match="'icu-mortality' is a recipe of a bedside task"):
        load_language("icu-mortality")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("seeds=[1,1]", "`seeds` that differ"),
        ("fusion={kind: mean}", "`fusion` with several teachers"),
        ("student.widhts=[3]", "unknown key 'student.widhts'"),
        ("student.kind=mpl", "student.kind = 'mpl'"),
    ],
)
def test_a_recipe_that_cannot_be_meant_is_refused(change: str, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        load("icu-mortality", [change])


def test_no_other_site_is_compared_where_none_is_held_out() -> None:
    with pytest.raises(RecipeError, match=r"fit together; expected `evaluate\.shift` null, or"):
        load("heart-disease", ["data.held_out=null"])
    load("heart-disease", ["data.held_out=null", "evaluate.shift=null"])


def test_the_baseline_attack_is_run_on_the_published_training(result: RunResult) -> None:
    assert result.evidence is not None
    for subject in ("teacher", "control", "student"):
        area = result.evidence.value("membership_auc/loss_threshold", subject)
        assert area.n == 90
        assert 0.3 < area.value < 0.8
    told = (result.evidence.facts or {})["membership/loss_threshold/student/tpr_at_1_percent"]
    assert told == "not measurable with n = 30: needs 100 negatives"


@pytest.mark.parametrize(("made", "inside"), [("result", "validation cases"), ("elsewhere", "test cases")])
def test_other_sites_are_compared_and_attacks_of_others_are_read(
    made: str, inside: str, request: pytest.FixtureRequest
) -> None:
    found: RunResult = request.getfixturevalue(made)
    assert found.evidence is not None
    facts = found.evidence.facts or {}
    assert found.evidence.value("membership_auc/lira", "bundle").n == 3
    assert found.evidence.value("shift_gap_auroc", "student").ci_low is not None
    assert 0.0 <= found.evidence.value("ood_auroc/energy", "student").value <= 1.0
    assert facts["shift_outside_items"] == 30
    assert str(facts["shift_inside"]).startswith(inside)
    assert found.report_path is not None
    page = found.report_path.read_text("utf-8")
    assert 'id="shift"' in page
    assert 'id="privacy"' in page


def test_a_cohort_of_other_inputs_is_refused(result: RunResult, lines: list[str], tmp_path: Path) -> None:
    images = tmp_path / "images"
    images.mkdir()
    pixels = np.zeros((4, 28, 28), dtype=np.uint8) + np.arange(4, dtype=np.uint8)[:, None, None]
    split = ("train", "val", "test")
    arrays = {f"{given}_images": pixels + 4 * at for at, given in enumerate(split)}
    np.savez(
        images / "pneumoniamnist.npz", **arrays, **{f"{of}_labels": np.arange(4)[:, None] % 2 for of in split}
    )
    other = f"evaluate.shift={{data: {{task: pneumonia, folder: {images}}}}}"
    changed = load("icu-mortality", [*lines, "seeds=[1]", other, "evaluate.explain=null"])
    with pytest.raises(RecipeError, match=r"evaluate\.shift\.data with the inputs"):
        run(changed, gone_on(result, tmp_path))
