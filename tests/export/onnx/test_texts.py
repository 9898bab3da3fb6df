from __future__ import annotations

from pathlib import Path

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


def bundle(path: Path, companions: dict[str, str]) -> OnnxBundle:
    return write_bundle(
        network(),
        FORM,
        path,
        name="made",
        temperature=[1.0],
        thresholds=[],
        recipe_yaml="",
        parents={},
        data_sources=[],
        companions=companions,
    )


@torch.no_grad()
def test_layers_answer_texts_of_any_length_as_the_network_does(tmp_path: Path) -> None:
    tokenizer = (write_encoder(tmp_path / "encoder") / "tokenizer.json").read_text()
    found = OnnxTexts(bundle(tmp_path / "bundle", {"tokenizer.json": tokenizer})).answer(
        ["heart pain", "the old heart"]
    )
    texts = ([[2, 4, 6, 3]], [[2, 7, 9, 4, 3]])
    wanted = [network()({"tokens": torch.tensor(tokens)}).logits.softmax(-1)[0].numpy() for tokens in texts]
    np.testing.assert_allclose(found, wanted, atol=1e-6)


def test_a_bundle_without_a_tokenizer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"holds no tokenizer\.json"):
        OnnxTexts(bundle(tmp_path / "bundle", {}))
