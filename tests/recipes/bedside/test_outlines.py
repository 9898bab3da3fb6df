from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bedside_cases import made_outlines
from stillroom.export.onnx.bundle import OnnxBundle
from stillroom.recipes import RunResult, load, run
from stillroom.recipes.bedside.evidence import volumes
from stillroom.types import RecipeError
from stillroom.validate.tasks.segmentation import segmentation

SMALL = [
    "seeds=[1,2]",
    "data.train_every=1",
    "teachers.unet.model.widths=[4,8]",
    "teachers.unet.train.steps=60",
    "teachers.unet.train.learning_rate=0.02",
    "student.widths=[4,8]",
    "train.steps=8",
    "evaluate.bootstrap_repeats=100",
    "export.latency_repeats=20",
    "export.int8={kind: static, calibration_cases: 8, largest_recall_loss: 1.0}",
    "evaluate.gates=[]",
]


def written(folder: Path) -> Path:
    """Volumes of six slices in which two bright blocks are to be outlined."""
    random = np.random.default_rng(0)
    splits = ["train"] * 6 + ["val"] * 3 + ["test"] * 3
    arrays = {"ids": np.arange(len(splits)), "split": np.array(splits)}
    for number in range(len(splits)):
        label = np.zeros((6, 20 + number, 16), np.uint8)
        label[1:5, 3:8, 4:9], label[2:6, 11:17, 5:11] = 1, 2
        noise = random.integers(40, size=label.shape)
        arrays |= {f"image_{number:03d}": (90 * label + noise).astype(np.uint8), f"label_{number:03d}": label}
    np.savez(folder / "hippocampus.npz", **arrays)
    return folder


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    folder = written(tmp_path_factory.mktemp("data"))
    return run(load("hippocampus", [f"data.folder={folder}", *SMALL]), tmp_path_factory.mktemp("runs"))


def test_outlines_are_measured_volume_by_volume_for_every_subject(result: RunResult) -> None:
    assert result.evidence is not None
    for subject in ("teacher", "student_untrained", "control", "student", "bundle"):
        for name in ("dice", "dice/class:anterior", "dice/class:posterior"):
            found = result.evidence.value(name, subject)
            assert 0.0 <= found.value <= 1.0
            assert found.n == 3
    assert result.evidence.value("dice", "teacher").value > 0.2
    assert 0.0 <= result.evidence.value("hd95_mm", "teacher").value < 30.0
    assert result.evidence.value("dice/seed:2", "student").n == 3
    assert result.evidence.value("dice_minus_control", "student").ci_low is not None


def test_the_bundle_outlines_as_the_student_and_the_report_speaks_of_overlap(result: RunResult) -> None:
    assert result.evidence is not None
    facts = result.evidence.facts or {}
    assert float(facts["bundle_largest_difference"]) < 0.3
    assert (facts["primary"], facts["items"]) == ("dice", 3)
    page = (result.run_dir / "report.html").read_text(encoding="utf-8")
    assert "Hausdorff distance, 95th percentile" in page
    assert "Does it know when it is right?" not in page


def test_eight_bits_are_published_where_parity_holds_and_both_graphs_are_timed(result: RunResult) -> None:
    assert result.evidence is not None
    facts = result.evidence.facts or {}
    assert facts["int8_verdict"] == "kept"
    assert {name for name in facts if name.startswith("int8_recall_change/")} == {
        f"int8_recall_change/{name}" for name in ("background", "anterior", "posterior")
    }
    for name in ("float32", "int8"):
        assert float(facts[f"int8_answer_ms_{name}"]) > 0
    assert OnnxBundle.open(result.run_dir / "bundle").manifest.precision == "int8"
    assert "In eight bits" in (result.run_dir / "report.html").read_text(encoding="utf-8")


def test_slices_make_a_volume_again_without_its_frame() -> None:
    cases = made_outlines().splits["test"]
    truth = np.stack([case.target for case in cases])
    found = volumes(cases, truth)
    assert list(found) == ["volume 8", "volume 9", "volume 10", "volume 11"]
    assert {of.shape for of in found.values()} == {(3, 7, 7)}
    np.testing.assert_array_equal(found["volume 9"], truth[3:6, :7, :7])
    perfect = segmentation(list(found.values()), list(found.values()), ("upper", "lower"), (1.0, 1.0, 1.0))
    assert {measure.name: measure.columns[:, 0].tolist() for measure in perfect}["dice"] == [1.0] * 4


def test_axes_that_are_not_measured_of_outlines_are_refused() -> None:
    with pytest.raises(RecipeError, match="null for outlines"):
        load("hippocampus", ["evaluate.privacy={}"])
