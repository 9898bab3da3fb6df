"""Tiny random students whose answers differ from each other, and one bundle of each, written once."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedModel, PreTrainedTokenizerFast

from stillroom.export import Bundle, ExportSettings, write
from stillroom.export.splitting import LLAMA_EXPRESSION, QWEN_EXPRESSION
from stillroom.models import LanguageModel
from stillroom.types import Encoded, Source

SOURCE = Source("tiny", "1", "Apache-2.0", "https://example.org/tiny", "Nobody (2025)")
DATA = Source("terms", "2", "CC-BY-4.0", "https://example.org/terms", "Somebody (2024)")
SETTINGS = ExportSettings(
    quantisations=("f16", "q8_0", "q4_1"), default="q8_0", precision="f32", calibration_items=0
)
PARENTS = {"corpus": "c" * 64, "teacher": "t" * 64, "signals": "s" * 64, "recipe": "r" * 64}
PROMPTS = (
    "Define Seizure. An abnormal discharge.",
    "Blood pressure above 140/90 mmHg is called what?",
    "fits",
)
LLAMA3_ROPE = {
    "rope_type": "llama3",
    "rope_theta": 500000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
}
"""As Llama 3.1 and 3.2 have it, but for the length, so that a short text already reaches what it changes."""
CLINICAL = (
    "It's 1234 mmol/L; HbA1c 7.25 %, 1,200 mg b.i.d. (pO2 > 60mmHg)",
    "naïve β-blocker — 2024-10-07\n\n  ok\r\n\tDON'T stop: we'Ve 10^9/L, 37.5 °C, 5-10 µg/kg/min",
    "BP 120/80mmHg   HR 72  mmol mmolmmol\u00a0\u2009x",
    "患者 12345 ٣٤٥ ½ é e\u0301 😀",
    "",
    " ",
    "\n \n",
)
LLAMA3_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}"
    "{{ '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n' + message['content'] + '<|eot_id|>' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}"
)


def make_network(vocabulary: int, *, family: str = "llama", **changes: object) -> PreTrainedModel:
    """A random network with weights wide enough that its logits are far apart."""
    config = {
        "vocab_size": vocabulary,
        "hidden_size": 64,
        "intermediate_size": 96,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 256,
        "rope_parameters": {"rope_type": "default", "rope_theta": 100000.0},
        "initializer_range": 0.2,
        "tie_word_embeddings": True,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "pad_token_id": 2,
    }
    torch.manual_seed(0)
    network = AutoModelForCausalLM.from_config(AutoConfig.for_model(family, **(config | changes)))
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if name.endswith("norm.weight"):
                parameter.uniform_(0.5, 1.5)
            elif name.endswith("bias"):
                parameter.uniform_(-0.5, 0.5)
    return network.eval()


def export(student: LanguageModel, path: Path, settings: ExportSettings = SETTINGS) -> Bundle:
    return write(
        student,
        path,
        settings,
        name="tiny student",
        recipe_yaml="name: tiny\n",
        parents=PARENTS,
        data_sources=(DATA,),
    )


@pytest.fixture(scope="session")
def student(tokenizer: PreTrainedTokenizerFast) -> LanguageModel:
    return LanguageModel(make_network(len(tokenizer)), tokenizer, (SOURCE,))


@pytest.fixture(scope="session")
def rows(tokenizer: PreTrainedTokenizerFast) -> list[Encoded]:
    ids = [tokenizer(text)["input_ids"] for text in PROMPTS]
    return [Encoded(np.array(row, dtype=np.int64), start=2) for row in ids]


@pytest.fixture(scope="session")
def bundle(student: LanguageModel, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Shared and read-only: a test that changes a bundle copies it first."""
    return export(student, tmp_path_factory.mktemp("export") / "bundle")


@pytest.fixture(scope="session")
def llama3_tokenizer() -> PreTrainedTokenizerFast:
    """Splits, takes whole pieces and begins texts as Llama 3's does. No merging makes ``mmol`` of ``mm`` and ``ol``."""
    raw = Tokenizer(models.BPE(ignore_merges=True))
    split = pre_tokenizers.Split(Regex(LLAMA_EXPRESSION), "isolated")
    raw.pre_tokenizer = pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(False, use_regex=False)])
    raw.decoder = decoders.ByteLevel()
    special = ["<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    texts = [*["mm", "ol"] * 9, *(text.replace("mmol", "") for text in CLINICAL), *PROMPTS]
    raw.train_from_iterator(texts, trainer)
    definition = json.loads(raw.to_str())
    for left, right in (("m", "ol"), ("m", "mol")):
        definition["model"]["vocab"][left + right] = len(definition["model"]["vocab"])
        definition["model"]["merges"].append([left, right])
    raw = Tokenizer.from_str(json.dumps(definition))
    raw.post_processor = processors.TemplateProcessing(
        single=f"{special[0]} $A", pair=f"{special[0]} $A $B", special_tokens=[(special[0], 0)]
    )
    fast = PreTrainedTokenizerFast(tokenizer_object=raw, bos_token=special[0], eos_token=special[-1])
    fast.chat_template = LLAMA3_TEMPLATE
    return fast


@pytest.fixture(scope="session")
def qwen_tokenizer() -> PreTrainedTokenizerFast:
    """Composes letters and splits as Qwen's does."""
    raw = Tokenizer(models.BPE())
    raw.normalizer = normalizers.NFC()
    split = pre_tokenizers.Split(Regex(QWEN_EXPRESSION), "isolated")
    raw.pre_tokenizer = pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(False, use_regex=False)])
    raw.decoder = decoders.ByteLevel()
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=350, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    raw.train_from_iterator([*CLINICAL, *PROMPTS], trainer)
    return PreTrainedTokenizerFast(tokenizer_object=raw, eos_token=special[2], pad_token=special[0])


@pytest.fixture(scope="session", params=["qwen2", "qwen3"])
def qwen(qwen_tokenizer: PreTrainedTokenizerFast, request: pytest.FixtureRequest) -> LanguageModel:
    """A random network with biases of its own or norms of queries and keys, and rows that no token has."""
    network = make_network(
        384,
        family=request.param,
        head_dim=128 if request.param == "qwen3" else 16,
        bos_token_id=None,
        pad_token_id=0,
        tie_word_embeddings=request.param == "qwen3",
    )
    return LanguageModel(network, qwen_tokenizer, (SOURCE,))


@pytest.fixture(scope="session")
def llama3(llama3_tokenizer: PreTrainedTokenizerFast) -> LanguageModel:
    network = make_network(
        len(llama3_tokenizer),
        rope_parameters=LLAMA3_ROPE,
        max_position_embeddings=512,
        bos_token_id=0,
        eos_token_id=3,
        pad_token_id=None,
    )
    return LanguageModel(network, llama3_tokenizer, (SOURCE,))


@pytest.fixture(scope="session")
def llama3_rows(llama3_tokenizer: PreTrainedTokenizerFast) -> list[Encoded]:
    """Far longer than the positions that the factors leave alone."""
    texts = ("\n".join((PROMPTS + CLINICAL) * 2), "\n".join(PROMPTS * 7))
    ids = [llama3_tokenizer(text)["input_ids"] for text in texts]
    return [Encoded(np.array(row, dtype=np.int64), start=2) for row in ids]


@pytest.fixture(scope="session")
def llama3_bundle(llama3: LanguageModel, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Shared and read-only, like the other."""
    return export(llama3, tmp_path_factory.mktemp("export") / "llama3")


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)


@pytest.fixture
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", os.fspath(home))
    return home
