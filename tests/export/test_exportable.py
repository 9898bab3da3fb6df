from __future__ import annotations

import json

import pytest
import torch
from tokenizers import Tokenizer
from transformers import AutoConfig, LlamaConfig, PreTrainedTokenizerFast

from stillroom.export.exportable import require_exportable, require_exportable_config
from stillroom.models import LanguageModel
from stillroom.types import ExportError

from .conftest import make_network


def test_a_plain_llama_is_exportable(student: LanguageModel) -> None:
    require_exportable(student.network, student.tokenizer)


def test_a_llama_3_is_exportable(llama3: LanguageModel) -> None:
    require_exportable(llama3.network, llama3.tokenizer)


def test_the_published_configuration_of_llama_3_2_is_exportable() -> None:
    rope = {
        "rope_type": "llama3",
        "rope_theta": 500000.0,
        "factor": 32.0,
        "high_freq_factor": 4.0,
        "low_freq_factor": 1.0,
        "original_max_position_embeddings": 8192,
    }
    config = LlamaConfig(
        hidden_size=2048, num_hidden_layers=16, head_dim=64, tie_word_embeddings=True, rope_parameters=rope
    )
    require_exportable_config(config)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"hidden_act": "gelu"}, "hidden_act='gelu'"),
        ({"attention_bias": True}, "attention_bias=True"),
        ({"mlp_bias": True}, "mlp_bias=True"),
        (
            {"rope_parameters": {"rope_type": "linear", "rope_theta": 1e4, "factor": 2.0}},
            "rope_type='linear'; expected rope_type='default' or rope_type='llama3'",
        ),
    ],
)
def test_variants_are_refused(
    tokenizer: PreTrainedTokenizerFast, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(ExportError, match=message):
        require_exportable(make_network(len(tokenizer), **changes), tokenizer)


def test_a_qwen_is_exportable(qwen: LanguageModel) -> None:
    require_exportable(qwen.network, qwen.tokenizer)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"use_sliding_window": True}, "use_sliding_window=True"),
        ({"rope_parameters": {"rope_type": "yarn", "rope_theta": 1e4, "factor": 2.0}}, "rope_type='yarn'"),
    ],
)
def test_variants_of_qwen_are_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ExportError, match=message):
        require_exportable_config(AutoConfig.for_model("qwen3", **changes))


def test_another_architecture_is_refused(tokenizer: PreTrainedTokenizerFast) -> None:
    network = make_network(len(tokenizer))
    network.config.model_type = "gpt2"
    with pytest.raises(ExportError, match="model_type='gpt2'; expected model_type='llama'"):
        require_exportable(network, tokenizer)


@pytest.mark.parametrize("value", [torch.nan, torch.inf, 7e4])
def test_weights_that_are_not_finite_are_refused_by_name(
    tokenizer: PreTrainedTokenizerFast, value: float
) -> None:
    network = make_network(len(tokenizer))
    with torch.no_grad():
        network.model.layers[1].mlp.up_proj.weight[0, 0] = value
    with pytest.raises(ExportError, match=r"model\.layers\.1\.mlp\.up_proj\.weight hold NaN"):
        require_exportable(network, tokenizer)


def test_another_vocabulary_is_refused(tokenizer: PreTrainedTokenizerFast) -> None:
    with pytest.raises(ExportError, match=f"the network has {len(tokenizer) + 1} tokens"):
        require_exportable(make_network(len(tokenizer) + 1), tokenizer)


def test_a_token_that_no_merge_makes_is_refused(llama3_tokenizer: PreTrainedTokenizerFast) -> None:
    """The runtime would begin with it in the midst of any word."""
    definition = json.loads(llama3_tokenizer.backend_tokenizer.to_str())
    definition["model"]["merges"].remove(["m", "mol"])
    lone = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(json.dumps(definition)), eos_token="<|eot_id|>"
    )
    with pytest.raises(ExportError, match="a tokenizer with 1 tokens that no merge makes"):
        require_exportable(make_network(len(lone)), lone)
