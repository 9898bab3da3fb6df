"""Tensors as bytes and back."""

from __future__ import annotations

import torch
from torch import Tensor

from stillroom.types import SignalError


def to_raw(tensor: Tensor) -> Tensor:
    """The bytes of a tensor, in main memory, uint8, shape ``(bytes,)``."""
    return tensor.contiguous().flatten().view(torch.uint8).cpu()


def from_raw(raw: Tensor, dtype: torch.dtype) -> Tensor:
    """Numbers of a type from bytes, wherever these begin.

    >>> from_raw(to_raw(torch.tensor([1.5, -2.0])), torch.float32)
    tensor([ 1.5000, -2.0000])
    """
    return raw.clone().view(dtype)


def finite(states: Tensor) -> Tensor:
    """Let finite states pass.

    Raises:
        SignalError: one is infinite or not a number.
    """
    if bool(torch.isfinite(states).all()):
        return states
    name = str(states.dtype).removeprefix("torch.")
    raise SignalError(
        f"the teacher's signals are not finite in {name}",
        f"finite values up to {torch.finfo(states.dtype).max:.6g}",
        "check that the teacher is trained and healthy (`stillroom validate` measures it)",
    )
