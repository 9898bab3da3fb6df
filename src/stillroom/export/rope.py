"""Rotary frequencies of a Llama network, and what a GGUF file says of them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

FACTORS = "rope_freqs.weight"
"""Name of the factors' tensor in a GGUF file."""

LLAMA3 = "llama3"
ROPE_TYPES = ("default", LLAMA3)
"""Kinds of rotary positions that a GGUF file of a Llama network can say exactly."""

Array = NDArray[np.float64]


def rope_type(config: Any) -> str:
    """Kind of rotary positions of a network's configuration."""
    found: str = (getattr(config, "rope_parameters", None) or {}).get("rope_type", "default")
    return found


def head_width(config: Any) -> int:
    """Width of one attention head."""
    return int(getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads)


def rope_factors(config: Any) -> Array | None:
    r"""By what each rotary frequency of Llama 3.1 and 3.2 is divided; None where nothing is.

    With the wavelength :math:`\lambda_i = 2\pi\theta^{2i/d}`, the context C of the first training and the factors f,
    low and high:

    .. math:: \text{factor}_i = \begin{cases} 1 & \lambda_i < C / \text{high} \\ f & \lambda_i > C / \text{low} \\
        \left(\frac{1 - s}{f} + s\right)^{-1}, \; s = \frac{C / \lambda_i - \text{low}}{\text{high} - \text{low}} &
        \text{between} \end{cases}

    Args:
        config: of a Llama network.

    Returns:
        Shape ``(head_dim / 2,)``, from 1 to f.

    Source: Grattafiori et al. 2024 (arXiv:2407.21783), as ``transformers`` computes it.
    """
    if rope_type(config) != LLAMA3:
        return None
    rope = config.rope_parameters
    turns = rope["original_max_position_embeddings"] * _unscaled(config) / (2 * math.pi)
    low, high = rope["low_freq_factor"], rope["high_freq_factor"]
    smooth = np.clip((turns - low) / (high - low), 0.0, 1.0)
    return np.asarray(1 / ((1 - smooth) / rope["factor"] + smooth))


def rope_frequencies(config: Any) -> Array:
    """Rotary frequencies of a Llama network, in radians a position, shape ``(head_dim / 2,)``."""
    factors = rope_factors(config)
    return _unscaled(config) if factors is None else _unscaled(config) / factors


def _unscaled(config: Any) -> Array:
    width = head_width(config)
    return np.asarray(float(config.rope_parameters["rope_theta"]) ** (-np.arange(0, width, 2) / width))
