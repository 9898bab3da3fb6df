"""Attention probabilities of chosen layers and queries, while every layer keeps its fast kernel.

Fused kernels return no attention. A tap computes what is wanted beside them, from the queries and keys that they get:
some rows of some layers, instead of every square of every layer, which eager attention would hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional
from transformers import AttentionInterface, AttentionMaskInterface, PreTrainedModel
from transformers.masking_utils import ALL_MASK_ATTENTION_FUNCTIONS
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

from stillroom.types import Encoded, ModelError

_PREFIX, _DEFAULT_KERNEL = "tapped_", "sdpa"


class Span(NamedTuple):
    """Where a row lies in a batch: its line there, its first token, the queries ``first`` to ``stop``."""

    line: int
    begin: int
    first: int
    stop: int


def spans(rows: Sequence[Encoded], *, packed: bool = False) -> list[Span]:
    """Locate the positions that predict the rows' response tokens.

    Args:
        rows: the rows of a batch.
        packed: laid end to end in one line, instead of each in its own.

    >>> import numpy as np
    >>> rows = [Encoded(np.array([7, 8, 9]), 1), Encoded(np.array([5, 6]), 1)]
    >>> [tuple(span) for span in spans(rows, packed=True)]
    [(0, 0, 0, 2), (0, 3, 3, 4)]
    """
    found, begin = [], 0
    for number, row in enumerate(rows):
        line = 0 if packed else number
        found.append(Span(line, begin, begin + row.start - 1, begin + len(row.ids) - 1))
        begin += len(row.ids) if packed else 0
    return found


class Scoring(NamedTuple):
    """How a layer turns products of queries and keys into scores.

    Attributes:
        scale: what they are multiplied with.
        window: how many keys a position sees, its own included; None for all before it.
        cap: scores s become cap·tanh(s / cap); None where they stay.
    """

    scale: float
    window: int | None
    cap: float | None


class AttentionTap:
    """Takes the attention of response positions in one forward pass.

    Give it to the network as ``attention_tap``, inside :func:`tappable`, then ask for :meth:`maps`. Gradients flow into
    queries and keys.

    Args:
        layers: which layers, counted from 0.
        where: the rows' places in the batch, from :func:`spans`.
        mean_heads: keep the mean over heads instead of each.
    """

    def __init__(self, layers: Sequence[int], where: Sequence[Span], *, mean_heads: bool) -> None:
        self._layers, self._where, self._mean_heads = tuple(layers), tuple(where), mean_heads
        self._keys = max(span.stop - span.begin for span in where)
        self._seen: dict[int, Tensor] = {}

    def maps(self) -> Tensor:
        """Attention probabilities, float32, shape ``(layers, heads, positions, keys)``; one head where it is the mean.

        Positions are the rows' response positions, row after row. Keys are counted from the beginning of a position's
        own row: key k is its k-th token. Those that the position does not see, and those behind a row that is shorter
        than the longest, are 0; each position's keys sum to 1.

        Raises:
            ModelError: a layer was not seen: the network lacks it, or is of a family that does not hand a tap on.
        """
        missing = [layer for layer in self._layers if layer not in self._seen]
        if missing:
            raise ModelError(
                f"no attention of layers {missing}",
                "layers of a network that hands on a tap",
                "choose other layers or another model",
            )
        return torch.stack([self._seen[layer] for layer in self._layers])

    def see(self, layer: int, query: Tensor, key: Tensor, scoring: Scoring) -> None:
        """Compute a layer's rows from its queries and keys, each ``(batch, heads, time, head_width)``."""
        if layer in self._layers:
            key = key.repeat_interleave(query.shape[1] // key.shape[1], dim=1)
            parts = [self._rows(span, query, key, scoring) for span in self._where]
            self._seen[layer] = torch.cat(parts, dim=1)

    def _rows(self, span: Span, query: Tensor, key: Tensor, scoring: Scoring) -> Tensor:
        """One row's response positions over its own keys, shape ``(heads, positions, keys)``."""
        chosen = query[span.line, :, span.first : span.stop]
        scores = (chosen @ key[span.line, :, span.begin : span.stop].transpose(1, 2)).float() * scoring.scale
        if scoring.cap is not None:
            scores = scoring.cap * (scores / scoring.cap).tanh()
        hidden = _hidden(scores, span.first - span.begin, scoring.window)
        probs = scores.masked_fill(hidden, float("-inf")).softmax(-1)
        if self._mean_heads:
            probs = probs.mean(0, keepdim=True)
        return functional.pad(probs, (0, self._keys - probs.shape[-1]))


def _hidden(scores: Tensor, first: int, window: int | None) -> Tensor:
    """Keys that come after a position, or too long before it; ``first`` is the place of the first position."""
    every = torch.ones(scores.shape[1:], dtype=torch.bool, device=scores.device)
    later = every.triu(first + 1)
    return later if window is None else later | every.tril(first - window)


@contextmanager
def tappable(network: PreTrainedModel) -> Iterator[None]:
    """Let a network take an ``attention_tap``; without one it computes what it did before.

    A network set to eager attention, which holds every square, takes PyTorch's kernel for as long.

    Stay inside until the backward pass is over where layers are recomputed on the way back.

    >>> import torch
    >>> from transformers import LlamaConfig, LlamaModel
    >>> network = LlamaModel(LlamaConfig(vocab_size=9, hidden_size=8, intermediate_size=8, num_hidden_layers=2,
    ...                                  num_attention_heads=2))
    >>> tap = AttentionTap([1], [Span(line=0, begin=0, first=1, stop=3)], mean_heads=False)
    >>> with tappable(network):
    ...     _ = network(torch.tensor([[1, 2, 3]]), attention_tap=tap)
    >>> tap.maps().shape, bool((tap.maps().sum(-1) - 1).abs().max() < 1e-6)
    (torch.Size([1, 2, 2, 3]), True)
    """
    before = network.config._attn_implementation
    kernel = before if before in ALL_ATTENTION_FUNCTIONS else _DEFAULT_KERNEL
    name = f"{_PREFIX}{kernel}"
    if name not in ALL_ATTENTION_FUNCTIONS:
        AttentionInterface.register(name, partial(_attend, kernel))
        AttentionMaskInterface.register(name, ALL_MASK_ATTENTION_FUNCTIONS[kernel])
    network.config._attn_implementation = name
    try:
        yield
    finally:
        network.config._attn_implementation = before


def _attend(
    kernel: str,
    module: Any,
    query: Tensor,
    key: Tensor,
    *rest: Any,
    scaling: float,
    attention_tap: AttentionTap | None = None,
    **options: Any,
) -> Any:
    if attention_tap is not None:
        if options.get("s_aux") is not None:
            raise ModelError(
                "a network with attention sinks of its own",
                "attention whose keys sum to 1",
                "choose another model",
            )
        scoring = Scoring(scaling, options.get("sliding_window"), options.get("softcap"))
        attention_tap.see(module.layer_idx, query, key, scoring)
    return ALL_ATTENTION_FUNCTIONS[kernel](module, query, key, *rest, scaling=scaling, **options)
