"""Formats that need no library: bfloat16, and int8 with one scale a row."""

from __future__ import annotations

from typing import Self

import torch
from torch import Tensor

from stillroom.models.quantised import HeldMatrix

_LARGEST = 127


class Bfloat16Matrix(HeldMatrix):
    """Two bytes a weight: each is rounded by at most 2⁻⁹ of itself."""

    precision = "bfloat16"
    values: Tensor

    @classmethod
    def of(cls, matrix: Tensor) -> Self:
        """Round a matrix."""
        held = cls((matrix.shape[0], matrix.shape[1]))
        held.keep(values=matrix.detach().to(torch.bfloat16))
        return held

    def dense(self, dtype: torch.dtype = torch.float32) -> Tensor:
        """The matrix in another format."""
        return self.values.to(dtype)

    def rows(self, ids: Tensor) -> Tensor:
        """Some of its rows, float32."""
        return self.values[ids].float()


class Int8Matrix(HeldMatrix):
    """One byte a weight, and a float32 scale a row; activations stay as they are.

    ``q = round(w / s)`` with ``s = max |w| / 127`` of the row, so that no weight moves by more than 1/254 of the
    largest of its row.
    """

    precision = "int8"
    whole: Tensor
    scales: Tensor

    @classmethod
    def of(cls, matrix: Tensor) -> Self:
        """Round a matrix."""
        dense = matrix.detach().float()
        scales = (dense.abs().amax(1, keepdim=True) / _LARGEST).clamp(min=torch.finfo(torch.float32).tiny)
        held = cls((matrix.shape[0], matrix.shape[1]))
        held.keep(whole=(dense / scales).round_().to(torch.int8), scales=scales)
        return held

    def dense(self, dtype: torch.dtype = torch.float32) -> Tensor:
        """The matrix, scaled in float32."""
        return (self.whole * self.scales).to(dtype)
