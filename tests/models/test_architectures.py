from __future__ import annotations

import pytest
from transformers import (
    AutoModelForCausalLM,
    Gemma3ForCausalLM,
    Gemma3TextConfig,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedConfig,
    Qwen2Config,
    Qwen3Config,
)

from stillroom.models.architectures import Architecture
from stillroom.types import ModelError

SIZES = {
    "vocab_size": 64,
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "intermediate_size": 48,
    "max_position_embeddings": 128,
}


@pytest.mark.parametrize("tied", [True, False])
def test_the_number_of_parameters_is_that_of_the_network(tied: bool) -> None:
    config = LlamaConfig(**SIZES, tie_word_embeddings=tied)
    network = LlamaForCausalLM(config)
    found = Architecture.from_config(config.to_dict())
    assert found.parameters == sum(parameter.numel() for parameter in network.parameters())
    assert found.tied is tied


def test_gemma_has_more_norms() -> None:
    config = Gemma3TextConfig(**SIZES, head_dim=16)
    network = Gemma3ForCausalLM(config)
    found = Architecture.from_config({"text_config": config.to_dict()})
    assert found.parameters == sum(parameter.numel() for parameter in network.parameters())


@pytest.mark.parametrize("config", [Qwen2Config(**SIZES), Qwen3Config(**SIZES, head_dim=16)])
def test_qwen_has_biases_or_norms_of_queries(config: PreTrainedConfig) -> None:
    network = AutoModelForCausalLM.from_config(config)
    found = Architecture.from_config(config.to_dict())
    assert found.parameters == sum(parameter.numel() for parameter in network.parameters())


def test_fewer_layers_leave_everything_else() -> None:
    whole = Architecture.from_config(LlamaConfig(**SIZES).to_dict())
    cut = whole.with_layers(1)
    assert (cut.layers, cut.vocab, cut.ffn) == (1, whole.vocab, whole.ffn)
    assert whole.parameters - cut.parameters == 2 * (whole.layer_weights + 2 * whole.width)


def test_other_families_and_half_a_config_are_refused() -> None:
    with pytest.raises(ModelError, match="'bert'"):
        Architecture.from_config({"model_type": "bert"})
    config = LlamaConfig(**SIZES).to_dict()
    del config["intermediate_size"]
    with pytest.raises(ModelError, match="intermediate_size"):
        Architecture.from_config(config)
