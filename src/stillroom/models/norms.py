"""Norms of several families: some multiply by their weight, some by one plus their weight."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from stillroom.types import ModelError

_TOLERANCE = 1e-4


@torch.no_grad()
def scale_norm(norm: nn.Module, factor: Tensor | float) -> None:
    """Multiply a norm's output by a factor for good, through its weight, and its bias if it has one.

    Whether the weight is the factor itself (Llama, Qwen) or one less (Gemma) is found out by trying.

    Args:
        norm: an RMS or layer norm; changed in place.
        factor: one number, or one for each channel.

    Raises:
        ModelError: neither way scales its output.
    """
    weight: Tensor = norm.weight  # type: ignore[assignment]
    sample = torch.linspace(-1.0, 1.0, weight.numel(), device=weight.device)[None] + 0.3
    wanted = norm(sample) * factor
    kept = weight.clone()
    bias = getattr(norm, "bias", None)
    if bias is not None:
        bias.mul_(factor)
    for scaled in (kept * factor, (1.0 + kept) * factor - 1.0):
        weight.copy_(scaled)
        if torch.allclose(norm(sample), wanted, rtol=_TOLERANCE, atol=_TOLERANCE * float(wanted.abs().max())):
            return
    raise ModelError(
        f"a final norm of type {type(norm).__name__}",
        "one whose output is proportional to its weight, or to one plus it",
        "choose a model such as Llama, Gemma 3, Qwen 2 or 3",
    )
