"""A language model as teacher: it reads what the student reads, once, and only its head is trained and kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from stillroom.models import LanguageModel
from stillroom.models.bedside.backbones import build_network, load_network, save_network
from stillroom.models.bedside.decoder_network import DecoderNetwork
from stillroom.models.bedside.network import Form
from stillroom.models.bedside.provenance import ancestors
from stillroom.models.bedside.settings import DecoderSettings
from stillroom.types import ModelError
from stillroom.types.cases import Case, Head
from text_cases import write_encoder

FORM = Form({"tokens": (None,)}, Head("classes", ("well", "ill")), {}, ("tokens",))
TOKENS = torch.tensor([[2, 4, 6, 7, 3], [2, 5, 3, -1, -1]])
CASES = tuple(
    Case(str(at), str(at), {"tokens": row[row >= 0].numpy()}, np.asarray(at)) for at, row in enumerate(TOKENS)
)


@pytest.fixture
def settings(tmp_path: Path, make_model: Callable[..., LanguageModel]) -> DecoderSettings:
    make_model(layers=3).save(tmp_path / "llm")
    encoder = write_encoder(tmp_path / "encoder")
    return DecoderSettings(kind="decoder", model=str(tmp_path / "llm"), tokenizer=str(encoder))


def built(settings: DecoderSettings, **changes: object) -> DecoderNetwork:
    network = build_network(settings.model_copy(update=changes), FORM, seed=1).eval()
    assert isinstance(network, DecoderNetwork)
    return network


def means(settings: DecoderSettings, layers: int) -> torch.Tensor:
    """Each text alone, by transformers, as the cases' own tokenizer spells it."""
    model = LanguageModel.load(Path(settings.model))
    model.network.model.layers = model.network.model.layers[:layers]
    spelling = Tokenizer.from_file(str(Path(settings.tokenizer) / "tokenizer.json"))
    texts = [spelling.decode(case.inputs["tokens"].tolist()) for case in CASES]
    assert texts == ["heart pain the", "skin"]
    with torch.no_grad():
        found = [model.network.model(**model.tokenizer(text, return_tensors="pt")) for text in texts]
    return torch.cat([of.last_hidden_state.mean(1) for of in found])


@pytest.mark.parametrize("layers", [None, 2])
def test_a_text_is_the_mean_of_what_the_model_makes_of_it(
    settings: DecoderSettings, layers: int | None
) -> None:
    read = built(settings, layers=layers).read({"tokens": TOKENS})["pooled"]
    torch.testing.assert_close(
        read, means(settings, layers or 3), atol=0.03, rtol=0.03
    )  # it may run in bfloat16


def test_channels_are_scaled_by_the_training_cases(settings: DecoderSettings) -> None:
    network = built(settings)
    network.fit_inputs(CASES)
    read = network.read({"tokens": TOKENS})["pooled"]
    torch.testing.assert_close(read.mean(0), torch.zeros(read.shape[1]), atol=1e-4, rtol=0.0)
    torch.testing.assert_close(read.std(0, correction=0), torch.ones(read.shape[1]), atol=1e-3, rtol=0.0)


def test_the_model_reads_a_text_once(settings: DecoderSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    network = built(settings)
    assert network.remembers
    network.recall({"tokens": TOKENS})
    monkeypatch.setattr(network._reader[0], "_read", lambda texts: pytest.fail("read again"))
    network.fit_inputs(CASES)
    assert network({"tokens": TOKENS}).logits.shape == (2, 2)


def test_only_the_head_is_trained_and_written(settings: DecoderSettings, tmp_path: Path) -> None:
    network = built(settings)
    network.fit_inputs(CASES)
    assert {name for name, _ in network.named_parameters()} == {"head.weight", "head.bias"}
    save_network(network, settings, FORM, tmp_path / "network")
    assert (tmp_path / "network" / "network.safetensors").stat().st_size < 2_000
    again = load_network(tmp_path / "network")
    torch.testing.assert_close(again({"tokens": TOKENS}).logits, network({"tokens": TOKENS}).logits)


def test_its_terms_pass_on(settings: DecoderSettings, make_model: Callable[..., LanguageModel]) -> None:
    assert ancestors(settings) == make_model().sources


def test_more_layers_words_and_absent_tokenizers_are_refused(settings: DecoderSettings) -> None:
    with pytest.raises(ModelError, match=r"4 layers of .*, which has 3"):
        built(settings, layers=4)
    with pytest.raises(ModelError, match=r"no tokenizer\.json in 'no-such-package'"):
        built(settings, tokenizer="no-such-package")
    words = Form({"tokens": (None,), "words": (None, 2)}, FORM.head, {}, ("tokens", "words"))
    with pytest.raises(ModelError, match="cases that mark words, for a decoder"):
        build_network(settings, words, seed=1)
