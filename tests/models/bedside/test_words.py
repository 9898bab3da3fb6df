"""Networks that tell of every word of a text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from stillroom.export.onnx.graph import write_graph
from stillroom.export.onnx.runtime import OnnxModel
from stillroom.models.bedside.backbones import build_network
from stillroom.models.bedside.blocks import mean_of_words
from stillroom.models.bedside.network import BedsideNetwork, Form
from stillroom.models.bedside.settings import PretrainedSettings, TextSettings
from stillroom.train.bedside.collate import collate
from stillroom.types import ModelError
from stillroom.types.cases import Case, Head
from text_cases import WORDS, write_encoder

SHAPES = {"tokens": (None,), "words": (None, 2), "own_tokens": (None,), "own_words": (None, 2)}
FORM = Form(SHAPES, Head("classes", ("O", "B-Disease", "I-Disease")), {}, tuple(SHAPES))


def case(name: str, tokens: list[int], words: list[list[int]]) -> Case:
    read = {"tokens": np.array(tokens), "words": np.array(words)}
    own = {"own_tokens": np.array(tokens + tokens), "own_words": np.array(words) * 2}
    return Case(name, name, read | own, np.zeros(len(words), np.int64))


LONG = case("long", [2, 4, 6, 7, 8, 3], [[1, 2], [2, 4], [4, 5]])
SHORT = case("short", [2, 5, 6, 3], [[1, 3]])


def student(**changes: object) -> BedsideNetwork:
    small = {
        "kind": "text",
        "width": 8,
        "layers": 2,
        "mixing": "convolution",
        "word_layers": 1,
        "word_width": 4,
    }
    sizes = {"vocabulary": len(WORDS), "most_tokens": 12, "unknown": 1}
    return build_network(TextSettings.model_validate(small | sizes | changes), FORM, seed=1).eval()


def teacher(encoder: Path, trained_layers: int) -> BedsideNetwork:
    settings = PretrainedSettings(kind="pretrained", encoder=str(encoder), trained_layers=trained_layers)
    return build_network(settings, FORM, seed=1).eval()


def test_a_word_is_the_mean_of_its_tokens() -> None:
    hidden = torch.randn(1, 5, 3)
    found = mean_of_words(hidden, torch.tensor([[[1, 2], [2, 5], [0, 0], [-1, -1]]]))
    wanted = torch.stack([hidden[0, 1], hidden[0, 2:5].mean(0), torch.zeros(3), torch.zeros(3)])
    torch.testing.assert_close(found[0], wanted)


@torch.no_grad()
@pytest.mark.parametrize("changes", [{}, {"reads": "own_tokens"}, {"mixing": "attention", "word_layers": 0}])
def test_what_fills_a_shorter_text_changes_nothing(changes: dict[str, object]) -> None:
    network = student(**changes)
    together = network(collate([LONG, SHORT]).inputs).logits
    assert together.shape == (2, 3, 3)
    torch.testing.assert_close(together[1, :1], network(collate([SHORT]).inputs).logits[0])


@torch.no_grad()
@pytest.mark.parametrize("trained", [0, 1])
def test_so_it_is_of_a_pretrained_encoder(trained: int, tmp_path: Path) -> None:
    network = teacher(write_encoder(tmp_path / "encoder"), trained)
    read = network.read(collate([LONG, SHORT]).inputs)
    together = network(read, already_read=True).logits
    torch.testing.assert_close(
        together[1, :1], network(collate([SHORT]).inputs).logits[0], atol=0.02, rtol=0.02
    )


@torch.no_grad()
def test_the_graph_takes_what_the_student_reads_and_answers_alike(tmp_path: Path) -> None:
    network = student(reads="own_tokens")
    write_graph(network, FORM.only(network.needs), [1.0], tmp_path / "model.onnx")
    model = OnnxModel(tmp_path / "model.onnx")
    assert sorted(model.inputs) == sorted(network.needs or ())
    for one, answer in zip((LONG, SHORT), model.answers([LONG, SHORT]), strict=True):
        wanted = network(collate([one]).inputs).logits[0].softmax(-1).numpy()
        np.testing.assert_allclose(answer, wanted, atol=1e-5)


def test_the_form_of_some_inputs_keeps_what_belongs_to_them() -> None:
    form = Form({"a": (2,), "b": (3,)}, FORM.head, {"a": ("x", "y"), "b": ("x", "y", "z")}, ("b",))
    assert form.only(("a",)) == Form({"a": (2,)}, FORM.head, {"a": ("x", "y")}, ())
    assert form.only(None) == form


def test_layers_over_words_need_words() -> None:
    untagged = Form({"tokens": (None,)}, FORM.head, {}, ("tokens",))
    settings = TextSettings(kind="text", width=8, layers=0, word_width=4, word_layers=1)
    with pytest.raises(ModelError, match="layers over words"):
        build_network(settings, untagged, seed=1)
    with pytest.raises(ModelError, match="expected own_tokens"):
        build_network(settings.model_copy(update={"reads": "own_tokens"}), untagged, seed=1)
