from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
from seqeval.metrics import f1_score
from seqeval.scheme import IOB2
from sklearn.metrics import log_loss

from stillroom.export.onnx.bundle import OnnxBundle
from stillroom.export.onnx.entities import OnnxEntities
from stillroom.recipes import RunResult, load, run
from stillroom.recipes.bedside.tagged import figures
from stillroom.types import ExportError, RecipeError
from stillroom.types.iob import decode, tags_of
from text_cases import write_encoder, write_tagged, write_unlabelled

SMALL = [
    "seeds=[1]",
    "data.own_pieces=300",
    "data.most_unlabelled=3",
    "teachers.minilm.model.trained_layers=1",
    "teachers.minilm.train.steps=30",
    "teachers.minilm.train.learning_rate=1e-2",
    "teachers.names={model: {kind: dictionary}, folds: 2}",
    "fusion={kind: confidence}",
    "student.reads=own_tokens",
    "student.words_from=null",
    "student.vocabulary=300",
    "student.unknown=1",
    "student.width=16",
    "student.word_width=8",
    "train.steps=60",
    "train.learning_rate=2e-2",
    "train.tokens_per_step=256",
    "train.tokens_per_pass=256",
    "evaluate.bootstrap_repeats=100",
    "export.latency_repeats=20",
    "evaluate.gates=[]",
]


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    folder = tmp_path_factory.mktemp("run")
    encoder = write_encoder(folder / "encoder")
    places = [
        f"data.folder={write_tagged(folder / 'data')}",
        f"data.unlabelled={write_unlabelled(folder / 'more')}",
        f"data.tokenizer={encoder}",
        f"teachers.minilm.model.encoder={encoder}",
    ]
    return run(load("disease-entities", [*places, *SMALL]), folder / "runs")


def test_two_teachers_of_one_tokenizer_teach_a_student_of_another(result: RunResult) -> None:
    assert result.evidence is not None
    for subject in ("teacher", "student_untrained", "control", "student", "bundle"):
        assert 0.0 <= result.evidence.value("entity_f1", subject).value <= 1.0
        assert result.evidence.value("log_loss", subject).unit == "nats"
    assert result.evidence.value("entity_f1", "student").value > 0.9
    assert result.evidence.value("entity_f1_minus_control", "student").n == 3  # blocks of ten sentences


def test_the_bundle_reads_text_with_the_students_own_tokenizer(result: RunResult) -> None:
    assert result.evidence is not None
    assert result.evidence.facts is not None
    assert float(result.evidence.facts["bundle_largest_difference"]) < 1e-4
    reader = OnnxEntities(OnnxBundle.open(result.run_dir / "bundle"))
    text = "the heart pain, of old"
    (entity,) = reader.find(text)
    assert (entity.kind, text[entity.start : entity.end]) == ("Disease", "heart pain")
    assert 0.0 < entity.probability <= 1.0
    assert reader.find("  ") == []


def test_the_report_tells_of_entities(result: RunResult) -> None:
    assert result.report_path is not None
    assert "Entity F1" in result.report_path.read_text("utf-8")


def test_axes_that_tags_are_not_asked_are_refused() -> None:
    with pytest.raises(RecipeError, match="null for outlines and tags"):
        load("disease-entities", ["evaluate.privacy={}"])


def test_a_bundle_that_tags_no_words_is_refused(result: RunResult, tmp_path: Path) -> None:
    bundle = OnnxBundle.open(result.run_dir / "bundle")
    inputs = {"inputs": {"own_tokens": (None,)}}
    other = OnnxBundle(bundle.path, bundle.manifest.model_copy(update=inputs))
    with pytest.raises(ExportError, match="tags no words"):
        OnnxEntities(other)


@pytest.mark.parametrize("seed", range(4))
def test_figures_are_those_of_seqeval_and_of_scikit_learn(seed: int) -> None:
    random, tags = np.random.default_rng(seed), tags_of(["Chemical", "Disease"])
    lengths = random.integers(1, 9, size=30)
    said = [random.dirichlet(np.ones(len(tags)), size=length) for length in lengths]
    truth = [np.array([tags.index(tag) for tag in decode(np.roll(of, 1, 0), tags)]) for of in said]
    found = {(of.name, of.part): float(of.figure(of.columns.sum(0))) for of in figures(said, truth, tags)}
    wanted = [[tags[at] for at in of] for of in truth]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        f1 = f1_score(wanted, [decode(of, tags) for of in said], mode="strict", scheme=IOB2)
    assert found["entity_f1", ""] == pytest.approx(f1)
    every = log_loss(np.concatenate(truth), np.concatenate(said), labels=range(len(tags)))
    assert found["log_loss", ""] == pytest.approx(every)
    assert ("entity_f1", "class:Chemical") in found
