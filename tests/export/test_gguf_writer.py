from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from gguf import GGUFReader, dequantize
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaForCausalLM
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

from stillroom.export import write_gguf
from stillroom.export.tensors import split_rope_rows
from stillroom.models import LanguageModel
from stillroom.types import ExportError, Source

from .conftest import CLINICAL, SOURCE, make_network

NAMES = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
}
TOP = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}


def written(
    model: LanguageModel, path: Path, quantisation: str, sources: tuple[Source, ...] = (SOURCE,)
) -> GGUFReader:
    write_gguf(model.network, model.tokenizer, path, quantisation, name="tiny student", sources=sources)
    return GGUFReader(path)


def field(reader: GGUFReader, name: str) -> Any:
    return reader.get_field(name).contents()


def weights(reader: GGUFReader, network: LlamaForCausalLM) -> dict[str, np.ndarray]:
    """Read a file back under the names and in the row order of transformers, without the writer's own name map."""
    heads = {"attn_q": network.config.num_attention_heads, "attn_k": network.config.num_key_value_heads}
    found = {}
    for tensor in reader.tensors:
        block, _, rest = tensor.name.removesuffix(".weight").rpartition(".")
        weight = dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
        if rest in heads:
            weight = split_rope_rows(weight, heads[rest])
        prefix = f"model.layers.{block.removeprefix('blk.')}.{NAMES[rest]}" if block else TOP[rest]
        found[f"{prefix}.weight"] = weight
    return found


@pytest.mark.parametrize("tied", [True, False])
def test_16_bit_weights_read_back_equal_the_network_s(
    student: LanguageModel, tmp_path: Path, tied: bool
) -> None:
    network = make_network(len(student.tokenizer), tie_word_embeddings=tied)
    model = LanguageModel(network, student.tokenizer, (SOURCE,))
    found = weights(written(model, tmp_path / "m.gguf", "f16"), network)
    parameters = dict(network.named_parameters())
    assert found.keys() == parameters.keys()
    for name, parameter in parameters.items():
        wanted = parameter if parameter.ndim == 1 else parameter.half().float()
        assert np.array_equal(found[name], wanted.detach().numpy()), name


def test_8_bit_weights_are_within_half_a_step_of_the_network_s(
    student: LanguageModel, tmp_path: Path
) -> None:
    found = weights(written(student, tmp_path / "m.gguf", "q8_0"), student.network)
    for name, parameter in student.network.named_parameters():
        wanted = parameter.detach().numpy()
        step = np.abs(wanted).max() / 127
        assert np.abs(found[name] - wanted).max() <= 0.51 * step, name


def test_embeddings_of_a_4_bit_file_have_8_bits(student: LanguageModel, tmp_path: Path) -> None:
    reader = written(student, tmp_path / "m.gguf", "q4_1")
    kinds = {tensor.name: tensor.tensor_type.name for tensor in reader.tensors}
    assert kinds.pop("token_embd.weight") == "Q8_0"
    assert {kind for name, kind in kinds.items() if "norm" not in name} == {"Q4_1"}


def test_shape_of_the_network_is_said(student: LanguageModel, tmp_path: Path) -> None:
    reader = written(student, tmp_path / "m.gguf", "q8_0")
    said = {
        "block_count": 2,
        "context_length": 256,
        "embedding_length": 64,
        "feed_forward_length": 96,
        "attention.head_count": 4,
        "attention.head_count_kv": 2,
        "attention.key_length": 16,
        "attention.value_length": 16,
        "rope.dimension_count": 16,
        "rope.freq_base": 100000.0,
        "attention.layer_norm_rms_epsilon": pytest.approx(1e-6),
        "vocab_size": len(student.tokenizer),
    }
    assert {name: field(reader, f"llama.{name}") for name in said} == said
    assert field(reader, "general.architecture") == "llama"
    assert field(reader, "general.file_type") == 7


def test_tokenizer_and_chat_template_are_inside(student: LanguageModel, tmp_path: Path) -> None:
    reader = written(student, tmp_path / "m.gguf", "f16")
    tokens = field(reader, "tokenizer.ggml.tokens")
    assert [student.tokenizer.convert_tokens_to_ids(token) for token in tokens] == list(range(len(tokens)))
    assert field(reader, "tokenizer.ggml.model") == "gpt2"
    assert field(reader, "tokenizer.ggml.pre") == "smollm"
    assert field(reader, "tokenizer.ggml.eos_token_id") == 2
    assert field(reader, "tokenizer.ggml.add_bos_token") is False
    assert field(reader, "tokenizer.chat_template") == student.tokenizer.chat_template


def test_the_slowing_of_llama_3_s_frequencies_is_inside(llama3: LanguageModel, tmp_path: Path) -> None:
    reader = written(llama3, tmp_path / "m.gguf", "q8_0")
    (factors,) = [tensor for tensor in reader.tensors if tensor.name == "rope_freqs.weight"]
    slowed, _ = ROPE_INIT_FUNCTIONS["llama3"](llama3.network.config, device="cpu")
    assert factors.tensor_type.name == "F32"
    assert 500000.0 ** (-np.arange(8) / 8) / factors.data == pytest.approx(slowed.numpy(), rel=2e-6)
    assert field(reader, "llama.rope.freq_base") == 500000.0
    assert field(reader, "tokenizer.ggml.pre") == "llama-bpe"
    assert field(reader, "tokenizer.ggml.add_bos_token") is True


def test_a_plain_network_s_frequencies_are_not_slowed(student: LanguageModel, tmp_path: Path) -> None:
    reader = written(student, tmp_path / "m.gguf", "f16")
    assert "rope_freqs.weight" not in {tensor.name for tensor in reader.tensors}


@pytest.mark.parametrize("kind", ["student", "llama3"])
def test_transformers_reads_a_llama_back(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Its reader (5.23) passes over the factors, so what it reads turns by the frequencies before them."""
    require_read_back(request.getfixturevalue(kind), tmp_path)


def test_transformers_reads_a_qwen_back(qwen: LanguageModel, tmp_path: Path) -> None:
    """A GGUF file cannot say that letters and accents are to be composed."""
    require_read_back(qwen, tmp_path, [unicodedata.normalize("NFC", text) for text in CLINICAL])


def require_read_back(model: LanguageModel, folder: Path, texts: Sequence[str] = CLINICAL) -> None:
    written(model, folder / "m.gguf", "f16")
    network = AutoModelForCausalLM.from_pretrained(folder, gguf_file="m.gguf", dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file="m.gguf")
    for name, parameter in model.network.named_parameters():
        wanted = parameter if parameter.ndim == 1 else parameter.half().float()
        assert torch.equal(network.get_parameter(name), wanted), name
    for text in texts:
        assert tokenizer(text)["input_ids"] == model.tokenizer(text)["input_ids"], text


def test_rows_without_a_token_are_said_to_be_unused(qwen: LanguageModel, tmp_path: Path) -> None:
    reader = written(qwen, tmp_path / "m.gguf", "q8_0")
    tokens, kinds = field(reader, "tokenizer.ggml.tokens"), field(reader, "tokenizer.ggml.token_type")
    assert len(tokens) == len(kinds) == qwen.network.config.vocab_size == 384
    assert tokens[len(qwen.tokenizer) :] == [f"[PAD{number}]" for number in range(len(qwen.tokenizer), 384)]
    assert set(kinds[len(qwen.tokenizer) :]) == {5}
    assert field(reader, "general.architecture") == qwen.network.config.model_type
    assert field(reader, "tokenizer.ggml.pre") == "qwen2"


def test_lineage_and_licences_are_inside(student: LanguageModel, tmp_path: Path) -> None:
    other = Source("base", "3", "MIT", "https://example.org/base", "")
    reader = written(student, tmp_path / "m.gguf", "f16", (SOURCE, other))
    assert field(reader, "general.name") == "tiny student"
    assert field(reader, "general.license") == "Apache-2.0 AND MIT"
    assert field(reader, "general.base_model.0.name") == "tiny"
    assert field(reader, "general.base_model.1.url") == other.url


def test_a_refused_network_leaves_no_file(student: LanguageModel, tmp_path: Path) -> None:
    network = make_network(len(student.tokenizer))
    with torch.no_grad():
        network.model.norm.weight[0] = torch.nan
    with pytest.raises(ExportError, match=r"model\.norm\.weight"):
        write_gguf(network, student.tokenizer, tmp_path / "m.gguf", "f16", name="x", sources=())
    assert list(tmp_path.iterdir()) == []


def test_a_write_that_breaks_off_leaves_no_file(
    student: LanguageModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError("power cut")

    monkeypatch.setattr("gguf.GGUFWriter.write_tensors_to_file", broken)
    with pytest.raises(OSError, match="power cut"):
        write_gguf(student.network, student.tokenizer, tmp_path / "m.gguf", "f16", name="x", sources=())
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_private(student: LanguageModel, tmp_path: Path) -> None:
    written(student, tmp_path / "m.gguf", "f16")
    assert (tmp_path / "m.gguf").stat().st_mode & 0o777 == 0o600
