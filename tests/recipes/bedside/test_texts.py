from __future__ import annotations

import numpy as np
import pytest

from stillroom.export.onnx.bundle import OnnxBundle
from stillroom.export.onnx.texts import OnnxTexts
from stillroom.recipes import RunResult, load, run
from text_cases import WORDS, write_dialogues, write_encoder

SMALL = [
    "seeds=[1]",
    "teachers.minilm.folds=2",
    "teachers.minilm.train.steps=30",
    "train.steps=60",
    "train.learning_rate=2e-2",
    "train.tokens_per_step=256",
    "train.tokens_per_pass=256",
    "student.width=16",
    "student.word_width=8",
    "student.most_tokens=12",
    f"student.vocabulary={len(WORDS)}",
    "student.unknown=1",
    "evaluate.bootstrap_repeats=100",
    "export.latency_repeats=20",
    "evaluate.gates=[]",
]


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    folder = tmp_path_factory.mktemp("run")
    encoder = write_encoder(folder / "encoder")
    places = [
        f"data.folder={write_dialogues(folder / 'data')}",
        f"data.tokenizer={encoder}",
        f"teachers.minilm.model.encoder={encoder}",
        f"student.words_from={encoder}",
    ]
    return run(load("note-section", [*places, *SMALL]), folder / "runs")


def test_texts_go_through_all_stages(result: RunResult) -> None:
    assert result.evidence is not None
    for subject in ("teacher", "student_untrained", "control", "student", "bundle"):
        assert 0.0 <= result.evidence.value("accuracy", subject).value <= 1.0
    assert result.evidence.value("accuracy", "student").value > 0.9
    assert float((result.evidence.facts or {})["bundle_largest_difference"]) < 1e-5


def test_the_terms_of_the_encoder_pass_on(result: RunResult) -> None:
    notice = (result.run_dir / "bundle" / "NOTICE").read_text()
    assert notice.index("- encoder local") < notice.index("Trained on:")
    assert (
        "| encoder | model | local | not stated: check before use |"
        in (result.run_dir / "model_card.md").read_text()
    )


def test_the_bundle_reads_words(result: RunResult) -> None:
    reader = OnnxTexts(OnnxBundle.open(result.run_dir / "bundle"))
    heart, skin = reader.answer(["Heart pain of the new", "skin pills"])
    np.testing.assert_allclose([heart.sum(), skin.sum()], 1.0, rtol=1e-5)
    assert (reader.names[heart.argmax()], reader.names[skin.argmax()]) == ("ROS", "EXAM")
