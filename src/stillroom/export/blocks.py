"""Weights in blocks of 32 that share a scale, as GGUF stores them and OpenVINO reads them."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stillroom.export.settings import Quantisation

BLOCK = 32
_LEVELS = 15
_CHUNK_BLOCKS = 1 << 14
_SPANS = tuple(np.linspace(0.7, 1.05, 8, dtype=np.float32))
_SHIFTS = (-1.0, 0.0, 1.0)
_TINY = np.float32(1e-12)

Floats = NDArray[np.float32]


def encode(weight: Floats, quantisation: Quantisation) -> tuple[NDArray[Any], Any]:
    """Encode a weight for a GGUF file.

    Vectors stay 32-bit floats. A matrix whose rows do not divide into blocks of 32 is kept as 16-bit floats.

    Args:
        weight: shape ``(rows, width)`` or ``(width,)``, finite.
        quantisation: the wanted type of matrices.

    Returns:
        The data as written, and its ``gguf.GGMLQuantizationType``.
    """
    from gguf import GGMLQuantizationType as Type
    from gguf import quantize

    if weight.ndim == 1:
        return weight, Type.F32
    if quantisation == "f16" or weight.shape[1] % BLOCK:
        return weight.astype(np.float16), Type.F16
    if quantisation == "q4_1":
        return four_bit(weight), Type.Q4_1
    kind = Type[quantisation.upper()]
    return quantize(weight, kind), kind


def four_bit(weight: Floats) -> NDArray[np.uint8]:
    """Encode rows as ``Q4_1`` blocks whose minimum is a whole number of steps below zero.

    A block's value is ``d·(q − z)`` with ``q`` and ``z`` in 0…15, stored as ``d``, ``m = −d·z`` and ``q``.
    OpenVINO keeps only ``round(−m/d)``, so an ordinary ``Q4_1`` file, with its free minimum, loses up to half
    a step on every weight there; these blocks lose nothing. Scale and zero point are searched for the least
    squared error (Banner et al. 2019, *Post training 4-bit quantization*, on clipping).

    Args:
        weight: shape ``(rows, width)``, ``width`` a multiple of 32.

    Returns:
        Bytes of shape ``(rows, width / 32 * 20)``.

    >>> four_bit(np.linspace(-8, 7, 32, dtype=np.float32)[None]).shape
    (1, 20)
    """
    blocks = weight.reshape(-1, BLOCK)
    chunks = [blocks[i : i + _CHUNK_BLOCKS] for i in range(0, len(blocks), _CHUNK_BLOCKS)]
    encoded = np.concatenate([_encode_blocks(chunk) for chunk in chunks])
    return encoded.reshape(weight.shape[0], -1)


def _encode_blocks(blocks: Floats) -> NDArray[np.uint8]:
    scale, zero = _search(blocks)
    scale16 = scale.astype(np.float16)
    stored = scale16.astype(np.float32)
    steps = np.clip(np.rint(blocks / np.where(stored == 0, 1, stored)) + zero, 0, _LEVELS).astype(np.uint8)
    low, high = steps[:, : BLOCK // 2], steps[:, BLOCK // 2 :]
    minimum = (-stored * zero).astype(np.float16)
    return np.concatenate([scale16.view(np.uint8), minimum.view(np.uint8), low | (high << 4)], axis=1)


def _search(blocks: Floats) -> tuple[Floats, Floats]:
    """Find each block's scale and zero point among clipped ranges; both of shape ``(blocks, 1)``."""
    low = np.minimum(blocks.min(axis=1, keepdims=True), 0)
    high = np.maximum(blocks.max(axis=1, keepdims=True), 0)
    least = np.full_like(low, np.inf)
    scale, zero = np.zeros_like(low), np.zeros_like(low)
    for span, shift in product(_SPANS, _SHIFTS):
        step = np.maximum((high - low) * span / _LEVELS, _TINY)
        at = np.clip(np.rint(-low * span / step) + shift, 0, _LEVELS)
        levels = np.clip(np.rint(blocks / step) + at, 0, _LEVELS) - at
        fitted = _dot(blocks, levels) / np.maximum(_dot(levels, levels), _TINY)
        error = ((blocks - fitted * levels) ** 2).sum(axis=1, keepdims=True)
        better = error < least
        least = np.where(better, error, least)
        scale, zero = np.where(better, fitted, scale), np.where(better, at, zero)
    return scale, zero


def _dot(left: Floats, right: Floats) -> Floats:
    return np.asarray(np.einsum("ij,ij->i", left, right)[:, None])
