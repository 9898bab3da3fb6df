"""4-bit NormalFloat through bitsandbytes."""

from __future__ import annotations

from typing import Self

import torch
from torch import Tensor

from stillroom.models.quantised import HeldMatrix
from stillroom.types import MissingExtraError

_BLOCK, _NESTED_BLOCK = 64, 256


class Nf4Matrix(HeldMatrix):
    """Half a byte a weight: one of 16 quantiles of the normal distribution, times the largest of 64 weights.

    Double quantisation holds these scales in 8 bits, minus their mean, with a float32 scale for each 256 of them: 4.13
    bits a weight in all.

    Source: Dettmers et al. 2023 (arXiv:2305.14314).
    """

    precision = "nf4"
    packed: Tensor
    scales: Tensor
    scale_mean: Tensor
    scale_scales: Tensor
    scale_values: Tensor

    @classmethod
    def of(cls, matrix: Tensor) -> Self:
        """Round a matrix, on the device where it lies.

        Raises:
            MissingExtraError: bitsandbytes is not installed.
        """
        require_bitsandbytes()
        from bitsandbytes.functional import quantize_4bit

        packed, state = quantize_4bit(
            matrix.detach().float().contiguous(), blocksize=_BLOCK, compress_statistics=True, quant_type="nf4"
        )
        held = cls((matrix.shape[0], matrix.shape[1]))
        held.keep(
            packed=packed,
            scales=state.absmax,
            scale_mean=state.offset.reshape(1),
            scale_scales=state.state2.absmax,
            scale_values=state.state2.code,
        )
        return held

    def dense(self, dtype: torch.dtype = torch.float32) -> Tensor:
        """The matrix, dequantised by bitsandbytes as one long row.

        Its kernel for AVX-512 (0.50) begins a block with every row, where the format lets blocks run on from row to
        row: narrower or ragged matrices would come back wrong by several times their rounding.
        """
        from bitsandbytes.functional import QuantState, dequantize_4bit

        nested = QuantState(
            absmax=self.scale_scales, code=self.scale_values, blocksize=_NESTED_BLOCK, dtype=torch.float32
        )
        state = QuantState(
            absmax=self.scales,
            shape=torch.Size([self.shape[0] * self.shape[1]]),
            blocksize=_BLOCK,
            quant_type=self.precision,
            dtype=dtype,
            offset=self.scale_mean,
            state2=nested,
        )
        dense: Tensor = dequantize_4bit(self.packed, state)
        return dense.reshape(self.shape)


def require_bitsandbytes() -> None:
    """Refuse where bitsandbytes is absent.

    Raises:
        MissingExtraError: with the extra that installs it.
    """
    try:
        import bitsandbytes  # noqa: F401
    except ImportError as error:
        raise MissingExtraError.of("bitsandbytes", "quantised") from error
