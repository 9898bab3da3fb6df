"""What the rest of the project needs of a decoder, whatever its family: its body, and its output matrix.

The logits of a supported model are its body's last hidden state times one matrix. Distillation multiplies them itself,
a few rows at a time, so whatever a family does to its logits afterwards would be lost; such a model is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers.modeling_outputs import MoeModelOutputWithPast

from stillroom.types import ModelError

_PROBE_TOKENS, _LARGE_LOGIT, _TOLERANCE = 2, 60.0, 1e-2


def body(network: PreTrainedModel) -> nn.Module:
    """The network without its output matrix: token ids in, hidden states out."""
    found: nn.Module = network.base_model
    return found


def output_matrix(network: PreTrainedModel) -> Tensor:
    """The matrix that turns a last hidden state into logits, shape ``(vocab, width)``; tied or not."""
    weight: Tensor = network.get_output_embeddings().weight
    return weight


def depth(network: PreTrainedModel) -> int:
    """Number of layers."""
    return int(network.config.num_hidden_layers)


def width(network: PreTrainedModel) -> int:
    """Size of a hidden state."""
    return int(network.config.hidden_size)


def decoder_layers(network: PreTrainedModel) -> nn.ModuleList:
    """The layers, in their order."""
    layers = body(network).layers
    assert isinstance(layers, nn.ModuleList)
    return layers


def final_norm(network: PreTrainedModel) -> nn.Module:
    """The norm after the last layer."""
    norm = body(network).norm
    assert isinstance(norm, nn.Module)
    return norm


def require_decoder(network: PreTrainedModel) -> None:
    """Refuse a network without a list of layers, a final norm and an output matrix; weights are not looked at.

    Raises:
        ModelError: it is no decoder of that form.
    """
    parts, matrix = body(network), network.get_output_embeddings()
    layers = getattr(parts, "layers", None)
    if not isinstance(layers, nn.ModuleList) or not hasattr(parts, "norm") or matrix is None:
        raise ModelError(
            f"a {network.config.model_type!r} model, which has no list of layers, final norm or output matrix",
            "a decoder such as Llama, Gemma 3, Qwen 2 or 3",
            "choose another model",
        )


@torch.no_grad()
def require_plain_logits(network: PreTrainedModel) -> None:
    """Refuse a network whose logits are not its last hidden state times its output matrix.

    The head is tried on made-up states with large logits, so that a bias, a factor or a soft cap shows, whatever the
    family calls it.

    Raises:
        ModelError: something else happens to its logits.
    """
    matrix = output_matrix(network)
    ids = torch.zeros(1, _PROBE_TOKENS, dtype=torch.long, device=matrix.device)
    states = torch.linspace(-1.0, 1.0, ids.numel() * matrix.shape[1]).view(1, _PROBE_TOKENS, -1).to(matrix)
    states = states * (_LARGE_LOGIT / (states @ matrix.T).abs().max())
    with _answering(body(network), states):
        said = network(ids, use_cache=False).logits
    if (said - states @ matrix.T).abs().max() > _TOLERANCE * _LARGE_LOGIT:
        raise ModelError(
            f"a {network.config.model_type!r} model changes its logits by a soft cap, a factor or a bias",
            "logits that are the last hidden state times the output matrix",
            "choose another model, such as Gemma 3 instead of Gemma 2",
        )


@contextmanager
def _answering(module: nn.Module, states: Tensor) -> Iterator[None]:
    """Let a body answer with these hidden states instead of computing any."""
    module.forward = lambda *_, **__: MoeModelOutputWithPast(last_hidden_state=states)
    try:
        yield
    finally:
        del module.forward
