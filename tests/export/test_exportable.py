from __future__ import annotations

import pytest
import torch
from transformers import PreTrainedTokenizerFast

from stillroom.export.exportable import require_exportable
from stillroom.models import LanguageModel
from stillroom.types import ExportError

from .conftest import make_network


def test_a_plain_llama_is_exportable(student: LanguageModel) -> None:
    require_exportable(student.network, student.tokenizer)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"hidden_act": "gelu"}, "hidden_act='gelu'"),
        ({"attention_bias": True}, "attention_bias=True"),
        ({"mlp_bias": True}, "mlp_bias=True"),
        (
            {"rope_parameters": {"rope_type": "linear", "rope_theta": 1e4, "factor": 2.0}},
            "rope_type='linear'",
        ),
    ],
)
def test_variants_are_refused(
    tokenizer: PreTrainedTokenizerFast, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(ExportError, match=message):
        require_exportable(make_network(len(tokenizer), **changes), tokenizer)


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
