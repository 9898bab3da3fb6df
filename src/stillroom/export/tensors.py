"""A network's weights, named and ordered as GGUF readers expect them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from transformers import PreTrainedModel

Array = NDArray[np.float32]


def interleave_rope_rows(weight: Array, heads: int) -> Array:
    """Reorder the rows of a query or key projection for interleaved rotary embeddings.

    Transformers rotates element ``i`` of a head with element ``i + head_dim / 2``; GGUF's Llama rotates
    neighbours ``2i`` and ``2i + 1`` (Su et al. 2021, *RoFormer*, eq. 34). The rows move, the product does not.

    Args:
        weight: shape ``(heads * head_dim, width)``.
        heads: number of heads of this projection.

    >>> interleave_rope_rows(np.arange(4, dtype=np.float32).reshape(4, 1), heads=1).ravel().tolist()
    [0.0, 2.0, 1.0, 3.0]
    """
    rows, width = weight.shape
    halves = weight.reshape(heads, 2, rows // heads // 2, width)
    return np.ascontiguousarray(halves.swapaxes(1, 2).reshape(rows, width))


def split_rope_rows(weight: Array, heads: int) -> Array:
    """Undo :func:`interleave_rope_rows`.

    >>> weight = np.arange(8, dtype=np.float32).reshape(8, 1)
    >>> np.array_equal(split_rope_rows(interleave_rope_rows(weight, 2), 2), weight)
    True
    """
    rows, width = weight.shape
    pairs = weight.reshape(heads, rows // heads // 2, 2, width)
    return np.ascontiguousarray(pairs.swapaxes(1, 2).reshape(rows, width))


def gguf_tensors(network: PreTrainedModel) -> Iterator[tuple[str, str, Array]]:
    """Yield every weight's GGUF name, its own name and its values in float32; a tied output matrix is left out."""
    from gguf import MODEL_ARCH, get_tensor_name_map

    config = network.config
    names = get_tensor_name_map(MODEL_ARCH[config.model_type.upper()], config.num_hidden_layers)
    heads = {"q_proj.weight": config.num_attention_heads, "k_proj.weight": config.num_key_value_heads}
    interleaved = heads if config.model_type == "llama" else {}
    for name, tensor in network.state_dict().items():
        if name == "lm_head.weight" and config.tie_word_embeddings:
            continue
        weight = tensor.detach().float().cpu().numpy()
        kind = ".".join(name.split(".")[-2:])
        if kind in interleaved:
            weight = interleave_rope_rows(weight, interleaved[kind])
        yield names.get_name(name, try_suffixes=(".weight", ".bias")), name, weight
