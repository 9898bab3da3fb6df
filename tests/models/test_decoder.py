"""The seam between the project and a family of decoders."""

from __future__ import annotations

import pytest
import torch

from models.families import FAMILIES, network
from stillroom.models.decoder import (
    body,
    decoder_layers,
    depth,
    output_matrix,
    require_decoder,
    require_plain_logits,
    width,
)
from stillroom.types import ModelError

IDS = torch.arange(10, 18)[None]


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("family", FAMILIES)
def test_logits_are_the_body_s_last_state_times_the_output_matrix(family: str, tied: bool) -> None:
    made = network(family, tie_word_embeddings=tied)
    require_decoder(made)
    require_plain_logits(made)
    output = body(made)(IDS, use_cache=False, output_hidden_states=True)
    logits = output.last_hidden_state @ output_matrix(made).T
    torch.testing.assert_close(logits, made(IDS).logits)
    assert len(output.hidden_states) == depth(made) + 1 == len(decoder_layers(made)) + 1
    assert output.hidden_states[-1].shape[-1] == width(made)


@pytest.mark.parametrize(
    ("family", "changes"),
    [("Gemma2", {}), ("Granite", {"logits_scaling": 8.0}), ("Cohere", {"logit_scale": 0.1})],
)
def test_a_family_that_changes_its_logits_is_refused(family: str, changes: dict[str, float]) -> None:
    with pytest.raises(ModelError, match="changes its logits by a soft cap, a factor or a bias"):
        require_plain_logits(network(family, **changes))


def test_asking_leaves_the_network_as_it_was() -> None:
    made = network("Llama")
    before = made(IDS).logits
    require_plain_logits(made)
    torch.testing.assert_close(made(IDS).logits, before, rtol=0, atol=0)


def test_an_encoder_is_refused() -> None:
    with pytest.raises(ModelError, match="'bert' model, which has no list of layers"):
        require_decoder(network("Bert", is_decoder=True))
