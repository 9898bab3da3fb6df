from __future__ import annotations

import pytest

from stillroom.export.onnx.bundle import OnnxBundle
from stillroom.recipes import RunResult, load, run
from text_cases import WORDS, write_encoder, write_tabular

SMALL = [
    "seeds=[1]",
    "data.most_tokens=12",
    "data.least_texts=5",
    "teachers.wide.folds=2",
    "teachers.wide.model.width=16",
    "teachers.wide.model.word_width=8",
    "teachers.wide.train.steps=60",
    "teachers.wide.train.learning_rate=2e-2",
    "teachers.wide.train.tokens_per_step=512",
    "teachers.wide.train.tokens_per_pass=512",
    "train.steps=80",
    "train.tokens_per_step=512",
    "train.tokens_per_pass=512",
    "train.learning_rate=2e-2",
    "student.width=8",
    "student.word_width=8",
    "evaluate.bootstrap_repeats=100",
    "evaluate.rare_cases=1000",
    "export.latency_repeats=20",
    "evaluate.gates=[]",
]


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    folder = tmp_path_factory.mktemp("run")
    encoder = write_encoder(folder / "encoder")
    models = [
        f"{of}.{key}={value}"
        for of in ("teachers.wide.model", "student")
        for key, value in {
            "words_from": encoder,
            "vocabulary": len(WORDS),
            "unknown": 1,
            "most_tokens": 12,
        }.items()
    ]
    places = [f"data.folder={write_tabular(folder / 'data')}", f"data.tokenizer={encoder}", *models]
    return run(load("icd-coding", [*places, *SMALL]), folder / "runs")


def test_labels_are_distilled_to_the_bundle_each_with_its_temperature_and_threshold(
    result: RunResult,
) -> None:
    assert result.evidence is not None
    assert result.evidence.value("f1_macro", "teacher").value > 0.9
    assert result.evidence.value("f1_macro", "student").value > 0.7
    manifest = OnnxBundle.open(result.run_dir / "bundle").manifest
    assert len(manifest.names) == len(manifest.thresholds) == len(manifest.temperature) == 4
    assert result.evidence.facts is not None
    assert result.evidence.facts["threshold_rule"] == "f1"


def test_rare_labels_are_told_by_themselves(result: RunResult) -> None:
    assert result.evidence is not None
    for subject in ("teacher", "control", "student", "bundle"):
        assert 0.0 <= result.evidence.value("f1_macro/tail:rare", subject).value <= 1.0
