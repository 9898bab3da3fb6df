"""Predicted bytes of a pass against counted ones, on networks whose sizes all differ."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedModel

from stillroom.models.architectures import Architecture
from stillroom.recipes.planning.passes import (
    PassLoad,
    activation_bytes,
    inference_bytes,
    kept_per_token,
    transient_bytes,
)
from stillroom.train import HARD_LABELS
from stillroom.train.batches import collate
from stillroom.train.learner import Learner
from stillroom.train.memory import PeakBytes
from stillroom.types import Encoded

SHAPES = [
    {"width": 96, "heads": 6, "kv": 2, "ffn": 160, "layers": 4, "vocab": 64},
    {"width": 64, "heads": 2, "kv": 1, "ffn": 300, "layers": 6, "vocab": 3000},
]


def network(
    width: int, heads: int, kv: int, ffn: int, layers: int, vocab: int, family: str = "llama"
) -> PreTrainedModel:
    torch.manual_seed(0)
    config = AutoConfig.for_model(
        family,
        hidden_size=width,
        num_attention_heads=heads,
        num_key_value_heads=kv,
        intermediate_size=ffn,
        num_hidden_layers=layers,
        vocab_size=vocab,
        head_dim=width // heads,
        tie_word_embeddings=True,
    )
    return AutoModelForCausalLM.from_config(config).train()


def counted(model: PreTrainedModel, rows: int, tokens: int, responses: int, *, half: bool) -> int:
    """Bytes at the peak of a pass that finds the gradients of an earlier one."""
    learner = Learner(model, HARD_LABELS)
    ids = np.arange(tokens) % model.config.vocab_size
    batch = collate([Encoded(ids, tokens - responses)] * rows)

    def run() -> None:
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            total = learner(batch).total
        total.backward()

    run()
    with PeakBytes() as memory:
        run()
    return memory.peak


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize("checkpointing", [False, True])
def test_a_pass_needs_what_is_predicted(shape: dict[str, int], half: bool, checkpointing: bool) -> None:
    model = network(**shape)
    if checkpointing:
        model.activation_checkpointing_enable({"use_reentrant": False})
    rows, tokens, responses = 3, 80, 40
    found = Architecture.from_config(model.config.to_dict())
    predicted = activation_bytes(found, rows * tokens, half=half, checkpointing=checkpointing)
    load = PassLoad(rows * tokens, rows * responses)
    predicted += transient_bytes(found, load, half=half, checkpointing=checkpointing)
    assert predicted == pytest.approx(counted(model, rows, tokens, responses, half=half), rel=0.2)


@pytest.mark.parametrize("family", ["qwen2", "qwen3"])
@pytest.mark.parametrize("half", [False, True])
def test_biases_and_norms_of_queries_are_counted(family: str, half: bool) -> None:
    model = network(**SHAPES[0], family=family)
    found = Architecture.from_config(model.config.to_dict())
    load = PassLoad(240, 120)
    predicted = activation_bytes(found, load.tokens, half=half, checkpointing=False)
    predicted += transient_bytes(found, load, half=half, checkpointing=False)
    assert predicted == pytest.approx(counted(model, 3, 80, 40, half=half), rel=0.2)


def test_memory_grows_with_tokens_and_layers() -> None:
    small = Architecture("llama", 2, 96, 6, 2, 16, 160, 64, True, 128)
    layer = kept_per_token(small, half=False)
    assert kept_per_token(small, half=True) < layer
    more = activation_bytes(small.with_layers(3), 100, half=False, checkpointing=False)
    assert more - activation_bytes(small, 100, half=False, checkpointing=False) == 100 * layer


def test_reading_keeps_states_only_where_they_are_asked_for() -> None:
    small = Architecture("llama", 2, 96, 6, 2, 16, 160, 64, True, 128)
    asked = inference_bytes(small, 100, keeps_states=True)
    assert asked - inference_bytes(small, 100, keeps_states=False) == 4 * 100 * 2 * 96
