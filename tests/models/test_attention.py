"""What a tap takes is what eager attention returns, and the network computes what it did before."""

from __future__ import annotations

from copy import deepcopy

import pytest
import torch
from transformers import LlamaForCausalLM

from models import families
from models.families import FAMILIES
from stillroom.models.attention import AttentionTap, spans, tappable
from stillroom.models.decoder import body
from stillroom.train.batches import collate, pack
from stillroom.types import ModelError

LAYERS = (1, 3)


def tapped(network, batch, *, mean_heads: bool = False, packed: bool = False) -> torch.Tensor:
    tap = AttentionTap(LAYERS, spans(batch.rows, packed=packed), mean_heads=mean_heads)
    with tappable(network):
        network.model(batch.ids, position_ids=batch.places, use_cache=False, attention_tap=tap)
    return tap.maps()


@pytest.fixture
def network(make_model) -> LlamaForCausalLM:
    """Four layers with opinions."""
    network = make_model(layers=4).network
    with torch.no_grad():
        for layer in network.model.layers:
            layer.self_attn.q_proj.weight.mul_(60.0)
    return network


@pytest.mark.parametrize("mean_heads", [False, True])
def test_it_takes_the_rows_of_the_eager_squares(network, rows, mean_heads) -> None:
    eager = deepcopy(network)
    eager.set_attn_implementation("eager")
    squares = eager.model(collate(rows[:6]).ids, output_attentions=True).attentions
    keys = max(len(row.ids) for row in rows[:6]) - 1
    expected = torch.stack(
        [
            torch.cat(
                [
                    squares[layer][i, :, row.start - 1 : len(row.ids) - 1, :keys]
                    for i, row in enumerate(rows[:6])
                ],
                1,
            )
            for layer in LAYERS
        ]
    )
    if mean_heads:
        expected = expected.mean(1, keepdim=True)
    torch.testing.assert_close(tapped(network, collate(rows[:6]), mean_heads=mean_heads), expected)
    assert expected.max() > 0.3


@pytest.mark.parametrize("family", FAMILIES)
def test_families_with_norms_windows_and_other_scales_are_taken_as_they_are(rows, family) -> None:
    window = {"sliding_window": 5} if family in ("Gemma3Text", "Mistral") else {}
    network = families.network(family, **window)
    eager = deepcopy(network)
    eager.set_attn_implementation("eager")
    batch = collate(rows[:4])
    squares = eager(batch.ids, output_attentions=True).attentions
    tap = AttentionTap((0, 5), spans(batch.rows), mean_heads=False)
    with tappable(network):
        body(network)(batch.ids, use_cache=False, attention_tap=tap)
    keys = max(len(row.ids) for row in batch.rows) - 1
    for found, layer in zip(tap.maps(), (0, 5), strict=True):
        parts = [
            squares[layer][i, :, row.start - 1 : len(row.ids) - 1, :keys] for i, row in enumerate(batch.rows)
        ]
        torch.testing.assert_close(found, torch.cat(parts, 1), rtol=1e-4, atol=1e-5)


def test_a_layer_that_is_not_there_is_refused(network, rows) -> None:
    tap = AttentionTap((1, 9), spans(rows[:2]), mean_heads=True)
    with tappable(network):
        network.model(collate(rows[:2]).ids, attention_tap=tap)
    with pytest.raises(ModelError, match=r"no attention of layers \[9\]"):
        tap.maps()


def test_packed_rows_give_what_padded_rows_give(network, rows) -> None:
    padded = tapped(network, collate(rows[:6]))
    torch.testing.assert_close(tapped(network, pack(rows[:6]), packed=True), padded)


def test_the_network_is_unmoved(network, rows) -> None:
    ids = collate(rows[:6]).ids
    before, kernel = network.model(ids).last_hidden_state, network.config._attn_implementation
    with tappable(network):
        assert torch.equal(network.model(ids).last_hidden_state, before)
    tapped(network, collate(rows[:6]))
    assert network.config._attn_implementation == kernel
    assert torch.equal(network.model(ids).last_hidden_state, before)


def test_a_gradient_flows_and_recomputing_layers_changes_nothing(network, rows) -> None:
    batch = collate(rows[:6])

    def gradients() -> list[torch.Tensor]:
        network.zero_grad()
        tap = AttentionTap(LAYERS, spans(batch.rows), mean_heads=True)
        with tappable(network):
            network.model(batch.ids, use_cache=False, attention_tap=tap)
            tap.maps().square().sum().backward()
        return [p.grad.clone() for p in network.model.layers[0].parameters()]

    network.train()
    plain = gradients()
    network.activation_checkpointing_enable({"use_reentrant": False})
    assert max(gradient.abs().max() for gradient in plain) > 0
    assert all(torch.equal(ours, theirs) for ours, theirs in zip(gradients(), plain, strict=True))
