from __future__ import annotations

import math

import numpy as np
import pytest
from transformers import LlamaConfig
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

from stillroom.export.rope import rope_factors, rope_frequencies, rope_type

from .conftest import LLAMA3_ROPE, make_network

PUBLISHED = {"low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}
LLAMA_3_1 = {"rope_type": "llama3", "rope_theta": 500000.0, "factor": 8.0} | PUBLISHED
LLAMA_3_2 = {"rope_type": "llama3", "rope_theta": 500000.0, "factor": 32.0} | PUBLISHED


def config(rope: dict[str, object], head_dim: int = 64) -> LlamaConfig:
    return LlamaConfig(head_dim=head_dim, max_position_embeddings=131072, rope_parameters=rope)


@pytest.mark.parametrize("head_dim", [16, 64, 128])
@pytest.mark.parametrize("rope", [LLAMA_3_1, LLAMA_3_2, LLAMA3_ROPE])
def test_frequencies_are_those_of_transformers(rope: dict[str, object], head_dim: int) -> None:
    wanted, scale = ROPE_INIT_FUNCTIONS["llama3"](config(rope, head_dim), device="cpu")
    assert scale == 1.0
    assert rope_frequencies(config(rope, head_dim)) == pytest.approx(wanted.double().numpy(), rel=2e-6)


def test_frequencies_are_those_that_the_network_turns_by() -> None:
    network = make_network(300, rope_parameters=LLAMA3_ROPE)
    held = network.model.rotary_emb.inv_freq.double().numpy()
    assert rope_frequencies(network.config) == pytest.approx(held, rel=2e-6)


@pytest.mark.parametrize("rope", [LLAMA_3_1, LLAMA_3_2, LLAMA3_ROPE])
def test_factors_are_those_of_the_paper_s_three_cases(rope: dict[str, object]) -> None:
    wanted = [factor(2 * math.pi * 500000.0 ** (2 * i / 64), rope) for i in range(32)]
    assert rope_factors(config(rope)) == pytest.approx(wanted, rel=1e-12)
    assert {1.0, rope["factor"]} < set(wanted)


def factor(wave: float, rope: dict[str, object]) -> float:
    context, low, high = (
        rope[name] for name in ("original_max_position_embeddings", "low_freq_factor", "high_freq_factor")
    )
    if wave < context / high:
        return 1.0
    if wave > context / low:
        return rope["factor"]
    smooth = (context / wave - low) / (high - low)
    return 1 / ((1 - smooth) / rope["factor"] + smooth)


def test_a_plain_llama_has_no_factors() -> None:
    plain = config({"rope_type": "default", "rope_theta": 10000.0})
    assert rope_type(plain) == "default"
    assert rope_factors(plain) is None
    assert rope_frequencies(plain) == pytest.approx(10000.0 ** (-np.arange(32) / 32))


def test_the_width_of_a_head_may_be_left_to_the_others() -> None:
    plain = LlamaConfig(hidden_size=96, num_attention_heads=6, rope_parameters=LLAMA_3_2)
    assert rope_frequencies(plain).shape == (8,)
