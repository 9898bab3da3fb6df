"""What matters inside a decoder: activations of channels, heads and neurons on calibration rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from stillroom.models.decoder import body, decoder_layers, width
from stillroom.models.language_model import LanguageModel
from stillroom.models.predictor import pad_right
from stillroom.types import Encoded

Key = TypeVar("Key", int, str)
_See = Callable[[Tensor, Tensor], None]
_ROWS_PER_PASS = 8


@dataclass
class Importance:
    """Means over all tokens of the rows.

    Attributes:
        channels: mean absolute output of all norms, summed over them, shape ``(width,)``.
        shares: for each norm, by name in the network: mean of each channel's square over that of all channels.
        neurons: for each layer, mean absolute input of the feed-forward part's last matrix, shape ``(ffn,)``.
        heads: for each layer, mean Euclidean norm of each head's output, shape ``(heads,)``.
    """

    channels: Tensor
    shares: dict[str, Tensor] = field(default_factory=dict)
    neurons: dict[int, Tensor] = field(default_factory=dict)
    heads: dict[int, Tensor] = field(default_factory=dict)


@torch.inference_mode()
def importance(model: LanguageModel, rows: Sequence[Encoded]) -> Importance:
    """Measure a Llama-like decoder.

    Args:
        model: run as it is.
        rows: calibration rows, in the model's tokens.

    Source: Muralidharan et al. 2024, *Minitron* (arXiv:2407.14679), section 2.2, with means over batch and tokens.
    """
    sums = Importance(torch.zeros(width(model.network)))
    tokens = 0
    for begin in range(0, len(rows), _ROWS_PER_PASS):
        batch = [row.ids for row in rows[begin : begin + _ROWS_PER_PASS]]
        ids = pad_right(batch)
        real = torch.arange(ids.shape[1]) < torch.tensor([len(row) for row in batch])[:, None]
        device = model.network.device
        with _watched(model.network, sums, real.to(device)):
            body(model.network)(ids.to(device), use_cache=False)
        tokens += int(real.sum())
    for kept in (sums.shares, sums.neurons, sums.heads):
        for total in kept.values():
            total.div_(tokens)
    sums.channels.div_(tokens)
    return sums


def hidden_norms(network: PreTrainedModel) -> Mapping[str, nn.Module]:
    """The norms over whole hidden states, by name; those of queries and keys are not among them."""
    return {
        name: module
        for name, module in network.named_modules()
        if (leaf := name.rpartition(".")[2]).endswith("norm") and leaf not in ("q_norm", "k_norm")
    }


@contextmanager
def _watched(network: PreTrainedModel, sums: Importance, real: Tensor) -> Iterator[None]:
    """Add what the network computes for real tokens to the sums."""
    heads = network.config.num_attention_heads
    watched: list[tuple[nn.Module, _See]] = []
    for name, norm in hidden_norms(network).items():
        watched.append((norm, partial(_see_norm, sums, name)))
    for index, layer in enumerate(decoder_layers(network)):
        watched.append((layer.get_submodule("mlp.down_proj"), partial(_see_neurons, sums, index)))
        watched.append((layer.get_submodule("self_attn.o_proj"), partial(_see_heads, sums, index, heads)))
    handles = [module.register_forward_hook(partial(_of_real_tokens, see, real)) for module, see in watched]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _of_real_tokens(
    see: _See, real: Tensor, module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor
) -> None:
    see(inputs[0][real].float().cpu(), output[real].float().cpu())


def _see_norm(sums: Importance, name: str, given: Tensor, made: Tensor) -> None:
    sums.channels += made.abs().sum(0)
    squares = given.square()
    power = squares.mean(-1, keepdim=True).clamp_min(
        torch.finfo(torch.float32).tiny
    )  # of an embedding of zeros
    _add(sums.shares, name, (squares / power).sum(0))


def _see_neurons(sums: Importance, layer: int, given: Tensor, made: Tensor) -> None:
    _add(sums.neurons, layer, given.abs().sum(0))


def _see_heads(sums: Importance, layer: int, heads: int, given: Tensor, made: Tensor) -> None:
    _add(sums.heads, layer, given.view(len(given), heads, -1).norm(dim=-1).sum(0))


def _add(kept: dict[Key, Tensor], key: Key, value: Tensor) -> None:
    kept[key] = kept[key] + value if key in kept else value
