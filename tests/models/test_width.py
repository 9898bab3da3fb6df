"""Narrowing a network: importance, what is kept, and the cut itself."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from transformers import PreTrainedModel

from models.families import language_model
from stillroom.models import LanguageModel, StudentSettings, build_student
from stillroom.models.importance import importance
from stillroom.models.student import cut_student
from stillroom.types import Encoded, ModelError

IDS = torch.arange(10, 26)[None]
ROWS = [Encoded(np.random.default_rng(at).integers(3, 320, size=6 + 3 * at), 3) for at in range(8)]
NARROWABLE = ("Llama", "Gemma3Text", "Qwen2", "Qwen3", "Mistral")
SIZES = {"hidden": 20, "ffn": 30, "heads": 2, "kv_heads": 1}


def narrow(**sizes: int) -> StudentSettings:
    return StudentSettings.model_validate({"layers": "all", "width": sizes, "calibration_rows": 8})


@torch.no_grad()
def kill(network: PreTrainedModel, keep: dict[str, int]) -> None:
    """Make all but some channels, neurons and groups of heads of a network do nothing."""
    channels, size = torch.randperm(32)[keep["hidden"] :], 8
    for layer in network.model.layers:
        neurons = torch.randperm(48)[keep["ffn"] :]
        layer.mlp.up_proj.weight[neurons] = 0.0
        layer.self_attn.v_proj.weight[:size] = 0.0
        if layer.self_attn.v_proj.bias is not None:
            layer.self_attn.v_proj.bias[:size] = 0.0
        layer.self_attn.o_proj.weight[channels] = 0.0
        layer.mlp.down_proj.weight[channels] = 0.0
    network.model.embed_tokens.weight[:, channels] = 0.0


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("family", NARROWABLE)
def test_a_network_cut_to_what_does_anything_computes_the_same(family: str, tied: bool, tokenizer) -> None:
    model = language_model(family, tokenizer, num_hidden_layers=2, tie_word_embeddings=tied)
    kill(model.network, SIZES)
    cut = build_student(model, narrow(**SIZES), ROWS)
    config = cut.network.config
    assert (config.hidden_size, config.intermediate_size) == (20, 30)
    assert (config.num_attention_heads, config.num_key_value_heads, config.head_dim) == (2, 1, 8)
    torch.testing.assert_close(cut.network(IDS).logits, model.network(IDS).logits, rtol=1e-3, atol=1e-3)


def test_depth_and_width_are_cut_together_and_the_result_is_saved_and_loaded(tmp_path, tokenizer) -> None:
    model = language_model("Gemma3Text", tokenizer)
    settings = StudentSettings.model_validate({"layers": (1, 5), "width": SIZES, "calibration_rows": 4})
    cut = cut_student(model, settings, ROWS)
    assert cut.channels is not None
    assert len(cut.channels) == 20
    assert cut.layers == (1, 5)
    cut.model.save(tmp_path)
    again = LanguageModel.load(tmp_path)
    torch.testing.assert_close(again.network.eval()(IDS).logits, cut.model.network.eval()(IDS).logits)


def test_keeping_everything_changes_nothing(tokenizer) -> None:
    model = language_model("Qwen2", tokenizer)
    same = build_student(model, narrow(hidden=32, ffn=48), ROWS)
    torch.testing.assert_close(same.network(IDS).logits, model.network(IDS).logits)


def test_importance_is_the_mean_activation_over_the_real_tokens_of_all_rows(tokenizer) -> None:
    model = language_model("Llama", tokenizer, num_hidden_layers=1)
    (layer,), norm = model.network.model.layers, model.network.model.norm
    attended: list[torch.Tensor] = []
    layer.self_attn.o_proj.register_forward_hook(lambda _, given, __: attended.append(given[0][0]))
    neurons, heads, channels, tokens = torch.zeros(48), torch.zeros(4), torch.zeros(32), 0
    for row in ROWS:  # one at a time, without padding, in plain formulas
        model.network.model(torch.from_numpy(row.ids)[None])
        given = model.network.model.embed_tokens(torch.from_numpy(row.ids))
        between = given + attended[-1] @ layer.self_attn.o_proj.weight.T
        read = layer.post_attention_layernorm(between)
        gated = torch.nn.functional.silu(read @ layer.mlp.gate_proj.weight.T) * (
            read @ layer.mlp.up_proj.weight.T
        )
        end = between + gated @ layer.mlp.down_proj.weight.T
        neurons += gated.abs().sum(0)
        heads += attended[-1].unflatten(-1, (4, 8)).square().sum(-1).sqrt().sum(0)
        channels += sum(seen.abs().sum(0) for seen in (layer.input_layernorm(given), read, norm(end)))
        tokens += len(row.ids)
    found = importance(model, ROWS)
    torch.testing.assert_close(found.neurons[0], neurons.detach() / tokens, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(found.heads[0], heads.detach() / tokens, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(found.channels, channels.detach() / tokens, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"hidden": 33}, "hidden is 33; expected at most 32"),
        ({"ffn": 49}, "ffn is 49; expected at most 48"),
        ({"heads": 3, "kv_heads": 2}, "3 heads and 2 kv_heads"),
        ({"heads": 4, "kv_heads": 1}, "at most 2 heads for each"),
        (
            {"hidden": 18},
            "its family does not allow: .*18.* is not a multiple of the number of attention heads",
        ),
    ],
)
def test_more_than_there_is_or_uneven_groups_are_refused(
    tokenizer, sizes: dict[str, int], message: str
) -> None:
    with pytest.raises(ModelError, match=message):
        build_student(language_model("Llama", tokenizer, num_hidden_layers=1), narrow(**sizes), ROWS)


@pytest.mark.parametrize("family", ["Phi3", "StableLm"])
def test_a_family_of_another_kind_of_layer_is_refused(tokenizer, family: str) -> None:
    with pytest.raises(ModelError, match="expected a Llama-like model"):
        build_student(language_model(family, tokenizer, num_hidden_layers=1), narrow(hidden=16), ROWS)
