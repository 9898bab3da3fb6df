"""Tensors whose parts lie in several processes, and how they become whole again."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor
from torch.distributed.tensor import DTensor, distribute_tensor


def whole(tensor: Tensor) -> Tensor:
    """Put a tensor together; a meeting of all processes where it is divided among them.

    >>> import torch
    >>> whole(torch.ones(2))
    tensor([1., 1.])
    """
    return tensor.full_tensor() if isinstance(tensor, DTensor) else tensor


def part(tensor: Tensor, like: Tensor) -> Tensor:
    """Take this process's part of a whole tensor, divided as another one is.

    Every process must hold the same whole; nothing is sent.
    """
    if not isinstance(like, DTensor):
        return tensor
    there = tensor.to(like.to_local().device)
    return distribute_tensor(there, like.device_mesh, like.placements, src_data_rank=None)


def gathered(tensors: Mapping[str, Tensor], *, keep: bool) -> dict[str, Tensor]:
    """Put tensors together, one at a time, in a meeting of all processes.

    Args:
        tensors: the parts of this process.
        keep: whether this process wants them; the others get nothing and need no memory for them.
    """
    found = {}
    for name, tensor in tensors.items():
        together = whole(tensor)
        if keep:
            found[name] = together.detach().cpu()
    return found
