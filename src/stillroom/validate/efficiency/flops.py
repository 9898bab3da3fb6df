"""Floating-point operations of a decoder, counted from its architecture."""

from __future__ import annotations

from stillroom.models.architectures import Architecture


def forward_flops(model: Architecture, tokens: int, *, past: int = 0, predicted: int = 1) -> int:
    r"""Count the operations of matrix products in a forward pass: a product and a sum are two.

    .. math:: 2 W t + 4 L q\, t (p + t) + 2 V d\, o

    for W weights of the L layers' matrices, t tokens read after p that are cached, q the width of all query heads, V·d
    the output matrix, and o predicted positions. Attention is counted as kernels compute it without a causal short cut:
    every query with every key. Norms, activations and rotations are left out; they are under 1 % of a real model.

    Args:
        model: the architecture.
        tokens: how many tokens are read.
        past: how many were read before.
        predicted: at how many positions the output matrix is applied.

    >>> smollm2 = Architecture("llama", 30, 576, 9, 3, 64, 1536, 49152, True, 8192)
    >>> round(forward_flops(smollm2, 1) / smollm2.parameters, 2)  # reading a token costs two operations a weight
    2.0
    """
    matrices = 2 * model.linear_weights * tokens
    attention = 4 * model.layers * model.query_width * tokens * (past + tokens)
    return matrices + attention + 2 * model.output_weights * predicted
