from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from stillroom.export.onnx.bundle import OnnxBundle, write_bundle
from stillroom.export.onnx.texts import OnnxTexts
from stillroom.models.bedside.backbones import build_network
from stillroom.models.bedside.network import BedsideNetwork, Form
from stillroom.models.bedside.settings import TextSettings
from stillroom.types import ExportError
from stillroom.types.cases import Head
from text_cases import WORDS, write_encoder

FORM = Form({"tokens": (None,)}, Head("classes", ("well", "ill")), {}, ("tokens",))


def network() -> BedsideNetwork:
    settings = TextSettings(
        kind="text",
        width=8,
        layers=2,
        word_width=4,
        vocabulary=len(WORDS),
        unknown=1,
        most_tokens=12,
    )
    return build_network(settings, FORM, seed=1).eval()


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> OnnxBundle:
    """A reader of texts with its tokenizer."""
    folder = tmp_path_factory.mktemp("made")
    tokenizer = (write_encoder(folder / "encoder") / "tokenizer.json").read_text()
    return write_bundle(
        network(),
        FORM,
        folder / "bundle",
        name="made",
        temperature=[1.0],
        thresholds=[],
        recipe_yaml="",
        parents={},
        data_sources=[],
        companions={"tokenizer.json": tokenizer},
    )


@torch.no_grad()
def test_layers_answer_texts_of_any_length_as_the_network_does(bundle: OnnxBundle) -> None:
    found = OnnxTexts(bundle).answer(["heart pain", "the old heart"])
    texts = ([[2, 4, 6, 3]], [[2, 7, 9, 4, 3]])
    wanted = [network()({"tokens": torch.tensor(tokens)}).logits.softmax(-1)[0].numpy() for tokens in texts]
    np.testing.assert_allclose(found, wanted, atol=1e-6)


def test_a_bundle_without_a_tokenizer_is_refused(bundle: OnnxBundle) -> None:
    files = {name: file for name, file in bundle.manifest.files.items() if name != "tokenizer.json"}
    without = replace(bundle, manifest=bundle.manifest.model_copy(update={"files": files}))
    with pytest.raises(ExportError, match=r"holds no tokenizer\.json"):
        OnnxTexts(without)
