from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from stillroom.recipes import RunResult, load, run
from stillroom.signals.cases import CaseSignals
from stillroom.types import RecipeError

SMALL = [
    "seeds=[1]",
    "teachers.resnet.model.widths=[4,8]",
    "teachers.resnet.train.steps=24",
    "teachers.resnet.folds=2",
    "assistants={middle: {model: {kind: separable, widths: [6, 8]}}}",
    "labels={known_share: 0.8}",
    "student.widths=[4,8]",
    "train.steps=12",
    "evaluate.bootstrap_repeats=100",
    "export.latency_repeats=20",
    "evaluate.gates=[]",
    "evaluate.explain={items: 8, steps: 8, random_orders: 1}",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Images of which the left or the right half is bright, two of them equal."""
    random = np.random.default_rng(0)
    arrays = {}
    for given, number in (("train", 64), ("val", 24), ("test", 24)):
        labels = np.arange(number) % 2
        images = random.integers(100, size=(number, 28, 28), dtype=np.uint8)
        images[labels == 0, :, :14] += 120
        images[labels == 1, :, 14:] += 120
        images[2] = images[0]
        arrays |= {f"{given}_images": images, f"{given}_labels": labels[:, None]}
    folder = tmp_path_factory.mktemp("data")
    np.savez(folder / "pneumoniamnist.npz", **arrays)
    return folder


@pytest.fixture(scope="module")
def result(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    recipe = load("pneumonia", [f"data.folder={folder}", *SMALL])
    return run(recipe, tmp_path_factory.mktemp("runs"))


def test_a_residual_network_teaches_a_separable_one_to_the_bundle(result: RunResult) -> None:
    assert result.evidence is not None
    assert result.evidence.facts is not None
    assert result.evidence.value("auroc", "teacher").value > 0.8
    for subject in ("student_untrained", "control", "student", "bundle"):
        assert 0.0 <= result.evidence.value("auroc", subject).value <= 1.0
    assert float(result.evidence.facts["bundle_largest_difference"]) < 1e-5


def test_images_are_explained_by_gradients_and_by_grad_cam(result: RunResult) -> None:
    assert result.evidence is not None
    for part in ("", "/grad_cam"):
        for subject in ("teacher", "control", "student"):
            assert 0.0 <= result.evidence.value(f"insertion_auc{part}", subject).value <= 1.0
        assert abs(result.evidence.value(f"attribution_rank_agreement{part}", "student").value) <= 1.0


def test_the_student_learns_from_the_assistant_which_learned_from_the_teacher(result: RunResult) -> None:
    def parents(stage: str) -> set[str]:
        return set(json.loads((result.run_dir / stage / "stage.json").read_text())["parents"])

    assert "signals" in parents("assist.middle")
    assert "assist.middle" in parents("student.1")
    said = CaseSignals.load(result.run_dir / "assist.middle" / "said.safetensors")
    assert said.arrays["logits"][0].shape == (2,)


def test_hidden_labels_are_counted(result: RunResult) -> None:
    page = (result.run_dir / "report.html").read_text(encoding="utf-8")
    assert "training labels hidden" in page


def test_the_signals_hold_features_of_every_different_image(result: RunResult) -> None:
    said = CaseSignals.load(result.run_dir / "signals" / "said.safetensors")
    assert {len(rows) for rows in said.arrays.values()} == {64 + 24 + 24 - 3}
    assert said.arrays["stage2"][0].shape == (8, 7, 7)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (["objective.terms.places.loss=crd"], "crd compares channels, and each of 3 members has its own"),
        (
            [
                "teachers.other={model: {kind: trees, rounds: 5, learning_rate: 0.1, leaves: 4}}",
                "fusion={kind: mean}",
            ],
            "`signals.features` of one teacher",
        ),
    ],
)
def test_features_that_cannot_be_compared_are_refused(changes: list[str], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        load("pneumonia", changes)
