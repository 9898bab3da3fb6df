"""The matrix products of a chunk: number formats settled once a call, memory used again from chunk to chunk."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor


class Product:
    """Logits of some rows at a time, always in the same place.

    Args:
        hidden: hidden states, shape ``(rows, width)``.
        weight: output matrix, shape ``(vocab, width)``; converted once, for all chunks.
        chunk_rows: the most rows at a time.
    """

    def __init__(self, hidden: Tensor, weight: Tensor, chunk_rows: int) -> None:
        narrow = _product_format(hidden)
        self.hidden, self.matrix = hidden.to(narrow), weight.to(narrow)
        self._logits = self.hidden.new_empty(min(chunk_rows, len(hidden)), len(weight))

    def logits(self, rows: slice) -> Tensor:
        """Logits of some rows, until the next call."""
        part = self.hidden[rows]
        return torch.mm(part, self.matrix.T, out=self._logits[: len(part)])


class Gradients:
    """Gradients of hidden states and output matrix; the latter is summed over chunks in float32 or wider."""

    def __init__(self, hidden: Tensor, weight: Tensor) -> None:
        self.hidden = torch.empty_like(hidden)
        self.weight = torch.zeros_like(weight, dtype=at_least_float32(weight.dtype))
        self._part: Tensor | None = None

    def add(self, rows: slice, gradient: Tensor, student: Product) -> None:
        """Add what the gradient with respect to some rows' logits brings."""
        if gradient.dtype == self.hidden.dtype:
            torch.mm(gradient, student.matrix, out=self.hidden[rows])
        else:
            self.hidden[rows] = gradient @ student.matrix
        if gradient.dtype == self.weight.dtype:
            self.weight.addmm_(gradient.T, student.hidden[rows])
        else:
            self.weight += self._narrow_product(gradient.T, student.hidden[rows])

    def _narrow_product(self, left: Tensor, right: Tensor) -> Tensor:
        """Product of 16-bit matrices: in float32 where the device can keep it so, else rounded once a chunk."""
        if left.is_cuda:
            return torch.mm(left, right, out_dtype=torch.float32)
        if self._part is None:
            self._part = torch.empty_like(self.weight, dtype=left.dtype)
        return torch.mm(left, right, out=self._part)


def at_least_float32(dtype: torch.dtype) -> torch.dtype:
    """The format of values, of sums and of everything elementwise."""
    return torch.promote_types(dtype, torch.float32)


def without_autocast(tensor: Tensor) -> AbstractContextManager[object]:
    """Let every operation keep its inputs' format: autocast would take sums over the vocabulary in 16 bits."""
    device = tensor.device.type
    return torch.autocast(device, enabled=False) if _has_autocast(device) else nullcontext()


def _product_format(tensor: Tensor) -> torch.dtype:
    """The format in which a product with ``tensor`` is taken: autocast's, where it is on."""
    device = tensor.device.type
    if tensor.dtype != torch.float64 and _has_autocast(device) and torch.is_autocast_enabled(device):
        return torch.get_autocast_dtype(device)
    return tensor.dtype


def _has_autocast(device: str) -> bool:
    return torch.amp.is_autocast_available(device)
