"""How alike the layers of two networks are on the same tokens: centred kernel alignment (CKA)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from stillroom.models.decoder import body
from stillroom.models.language_model import LanguageModel
from stillroom.models.predictor import pad_right
from stillroom.types import Encoded

_ROWS_PER_PASS = 8
_MOST_TOKENS = 1024


def cka(first: Tensor, second: Tensor) -> float:
    """Linear CKA of two representations of the same n tokens: HSIC(X, Y) / √(HSIC(X, X)·HSIC(Y, Y)).

    HSIC is estimated without bias, so that wide representations of few tokens do not look alike. 1 for equal
    representations up to rotation and scale, about 0 for independent ones, possibly a little below.

    Args:
        first: shape ``(n, width)``, n ≥ 4.
        second: shape ``(n, another width)``.

    Source: Kornblith et al. 2019 (arXiv:1905.00414); unbiased HSIC: Nguyen et al. 2021 (arXiv:2010.15327), eq. 3.

    >>> states = torch.randn(8, 5, generator=torch.Generator().manual_seed(0))
    >>> round(cka(states, 3.0 * states), 6)
    1.0
    """
    return float(cka_matrix([_gram(first)], [_gram(second)])[0, 0])


def cka_matrix(first: Sequence[Tensor], second: Sequence[Tensor]) -> NDArray[np.float64]:
    """CKA of every pair of representations, given as Gram matrices with a zero diagonal, shape ``(n, n)``."""
    values = np.array([[float(_hsic(one, other)) for other in second] for one in first])
    own = [np.array([float(_hsic(gram, gram)) for gram in grams]) for grams in (first, second)]
    found: NDArray[np.float64] = values / np.sqrt(np.maximum(np.outer(*own), np.finfo(float).tiny))
    return found


@torch.inference_mode()
def layer_grams(model: LanguageModel, rows: Sequence[Encoded]) -> list[Tensor]:
    """Gram matrices of the hidden states of response tokens: of the embedding's output, then of each layer's.

    The first tokens of a prompt, whose states are outliers in most decoders, are not among them.

    Args:
        model: run as it is, in float32.
        rows: in the model's tokens; the first 1,024 response tokens are used.
    """
    seen: list[list[Tensor]] = []
    network, tokens = body(model.network.eval()), 0
    for begin in range(0, len(rows), _ROWS_PER_PASS):
        batch = rows[begin : begin + _ROWS_PER_PASS]
        ids = pad_right([row.ids for row in batch]).to(model.network.device)
        states = network(ids, use_cache=False, output_hidden_states=True).hidden_states
        seen.append(
            [torch.cat([_of_response(layer[i], row) for i, row in enumerate(batch)]) for layer in states]
        )
        tokens += len(seen[-1][0])
        if tokens >= _MOST_TOKENS:
            break
    return [_gram(torch.cat(layer)[:_MOST_TOKENS]) for layer in zip(*seen, strict=True)]


def layer_similarities(grams: Sequence[Tensor]) -> list[float]:
    """CKA of each layer's input and output."""
    return [float(cka_matrix([before], [after])[0, 0]) for before, after in pairwise(grams)]


def _of_response(states: Tensor, row: Encoded) -> Tensor:
    return states[row.start - 1 : len(row.ids) - 1].cpu()


def _gram(states: Tensor) -> Tensor:
    """Inner products of centred states, scaled to a largest of 1 against overflow, the diagonal left out."""
    centred = states.double() - states.double().mean(0)
    gram = centred @ centred.T
    return (gram / gram.abs().max().clamp_min(torch.finfo(torch.float64).tiny)).fill_diagonal_(0.0)


def _hsic(one: Tensor, other: Tensor) -> Tensor:
    """Unbiased HSIC of Gram matrices with a zero diagonal, times n(n − 3)."""
    n = len(one)
    sums, others = one.sum(0), other.sum(0)
    cross = (one * other).sum() - 2.0 / (n - 2) * (sums @ others)
    return cross + sums.sum() * others.sum() / ((n - 1) * (n - 2))
