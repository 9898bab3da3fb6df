"""Counted operations against those that PyTorch's own counter sees in a real forward pass."""

from __future__ import annotations

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode
from transformers import DynamicCache, LlamaConfig, LlamaForCausalLM

from stillroom.models.architectures import Architecture
from stillroom.validate.efficiency.flops import forward_flops


def network(tied: bool) -> LlamaForCausalLM:
    config = LlamaConfig(
        vocab_size=97, hidden_size=24, intermediate_size=40, num_hidden_layers=3, num_attention_heads=6,
        num_key_value_heads=2, head_dim=8, max_position_embeddings=64, tie_word_embeddings=tied,
        attn_implementation="eager",
    )  # fmt: skip
    return LlamaForCausalLM(config).eval()


def seen(model: LlamaForCausalLM, tokens: int, past: int, predicted: int) -> int:
    cache = DynamicCache()
    with torch.inference_mode():
        if past:
            model(torch.ones(1, past, dtype=torch.long), past_key_values=cache)
        with FlopCounterMode(display=False) as counter:
            model(torch.ones(1, tokens, dtype=torch.long), past_key_values=cache, logits_to_keep=predicted)
    return counter.get_total_flops()


@pytest.mark.parametrize(
    ("tokens", "past", "predicted"), [(1, 0, 1), (17, 0, 1), (17, 0, 17), (1, 20, 1), (5, 9, 2)]
)
@pytest.mark.parametrize("tied", [True, False])
def test_agrees_with_the_counter_of_pytorch(tokens: int, past: int, predicted: int, tied: bool) -> None:
    model = network(tied)
    counted = forward_flops(
        Architecture.from_config(model.config.to_dict()), tokens, past=past, predicted=predicted
    )
    rotary = 2 * 4 * tokens  # the counter also sees positions times frequencies: head_dim / 2 of them
    assert seen(model, tokens, past, predicted) - counted in (0, rotary)
