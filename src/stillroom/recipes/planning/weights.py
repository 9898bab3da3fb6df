"""Bytes of a model's weights in a number format, and what training adds to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from stillroom.models.architectures import Architecture

WeightFormat = Literal["float32", "bfloat16", "int8", "nf4", "q4_1"]

_WHOLE: Mapping[str, int] = {"float32": 4, "bfloat16": 2}
_PACKED: Mapping[str, float] = {
    # One bfloat16 scale a row of a matrix is not counted: less than a thousandth.
    "int8": 1.0,
    # Half a byte; a scale for 64 weights in 8 bits, and one in 32 bits for 256 of those (double quantisation).
    "nf4": 0.5 + 1 / 64 + 4 / (64 * 256),
    # GGUF: 32 weights in 16 bytes, with scale and least value in 16 bits each.
    "q4_1": 20 / 32,
}
_PARTS_OF_ADAMW = 2
FLOAT32 = 4


def weight_bytes(model: Architecture, weight_format: WeightFormat) -> int:
    """Bytes of all weights.

    A packed format holds the layers' matrices; embedding, output matrix and norms stay in bfloat16. GGUF packs the
    embedding too.

    Source of nf4 with double quantisation: Dettmers et al. 2023 (arXiv:2305.14314).

    >>> llama = Architecture("llama", 32, 4096, 32, 8, 128, 14336, 128256, False, 8192)
    >>> [round(weight_bytes(llama, name) / 2**30, 2) for name in ("bfloat16", "int8", "nf4")]
    [14.96, 8.46, 5.31]
    """
    if weight_format in _WHOLE:
        return model.parameters * _WHOLE[weight_format]
    packed = model.parameters if weight_format == "q4_1" else model.linear_weights
    rest = model.parameters - packed
    return round(packed * _PACKED[weight_format] + rest * _WHOLE["bfloat16"])


def adapter_weights(model: Architecture, rank: int, targets: str | tuple[str, ...]) -> int:
    """Weights of low-rank adapters: rank · (inputs + outputs) for each matrix that has one.

    >>> llama = Architecture("llama", 16, 2048, 32, 8, 64, 8192, 128256, True, 131072)
    >>> adapter_weights(llama, 8, ("q_proj", "v_proj"))
    851968
    """
    wide = {
        "q_proj": model.width + model.query_width,
        "k_proj": model.width + model.kv_width,
        "v_proj": model.width + model.kv_width,
        "o_proj": model.width + model.query_width,
        "gate_proj": model.width + model.ffn,
        "up_proj": model.width + model.ffn,
        "down_proj": model.width + model.ffn,
    }
    chosen = wide if targets == "all-linear" else [name for name in targets if name in wide]
    return model.layers * rank * sum(wide[name] for name in chosen)


def optimiser_bytes(trained_weights: int) -> int:
    """AdamW's mean and mean square, float32."""
    return _PARTS_OF_ADAMW * FLOAT32 * trained_weights
