from __future__ import annotations

import pytest

from stillroom.models.roster import ROSTER
from stillroom.recipes.planning.weights import adapter_weights, optimiser_bytes, weight_bytes

MED42 = ROSTER["m42-health/Llama3-Med42-8B"].architecture


def test_the_published_figure_of_a_4_bit_teacher_is_met() -> None:
    """5.32 GiB at load, as printed for Med42-8B in NF4."""
    assert weight_bytes(MED42, "nf4") / 2**30 == pytest.approx(5.32, rel=0.005)


def test_fewer_bits_take_less() -> None:
    sizes = [weight_bytes(MED42, name) for name in ("float32", "bfloat16", "int8", "nf4")]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == 4 * MED42.parameters


def test_adapters_are_counted_as_peft_counts_them() -> None:
    from peft import LoraConfig, LoraModel
    from transformers import LlamaConfig, LlamaForCausalLM

    from stillroom.models.architectures import Architecture

    config = LlamaConfig(
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        vocab_size=64,
    )
    network = LoraModel(
        LlamaForCausalLM(config),
        LoraConfig(r=4, target_modules="all-linear", task_type="CAUSAL_LM"),
        "default",
    )
    trained = sum(parameter.numel() for parameter in network.parameters() if parameter.requires_grad)
    assert adapter_weights(Architecture.from_config(config.to_dict()), 4, "all-linear") == trained


def test_adamw_keeps_two_numbers_for_each_weight() -> None:
    assert optimiser_bytes(10) == 80
