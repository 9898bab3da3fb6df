"""Where the teacher looks, in the format that a recipe chose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from stillroom.signals.raw import finite, from_raw, to_raw
from stillroom.signals.settings import AttentionPrecision

_STORED = {"float16": torch.float16, "bfloat16": torch.bfloat16, "uint8": torch.uint8}
_LARGEST = 255


@dataclass(frozen=True, slots=True)
class AttentionFormat:
    r"""Attention probabilities of response positions over the keys that each sees: causal and ragged, nothing padded.

    ``uint8`` holds :math:`\sqrt{p / \max_k p_k}` in steps of 1/255, so that small probabilities beside a large one
    keep their size: before the sum is restored, none moves by more than 1/254 of the largest. Each position's keys are
    made to sum to one again when read, in every format.

    A response token at place n of its row (counted from 1) takes ``layers · heads · (n - 1)`` numbers of 1 or 2 bytes:
    the size grows with the length. At place 256, with 10 layers, the mean over heads and uint8: 2,550 bytes.

    Attributes:
        layers: teacher layers, counted from 0.
        heads: heads of each that are kept; 1 where it is their mean.
        mean: whether it is.
        precision: format of a probability.
    """

    layers: tuple[int, ...]
    heads: int
    mean: bool
    precision: AttentionPrecision

    def encode(self, maps: Tensor, start: int) -> Tensor:
        """Bytes of one row's maps.

        Args:
            maps: shape ``(layers, heads, tokens, keys)``, the row's first response position seeing ``start`` keys.
            start: place of the first response token.

        Raises:
            SignalError: a probability is not finite.
        """
        tokens = maps.shape[2]
        seen = _seen(start, tokens).to(maps.device)
        values = finite(maps.float())[..., seen]
        if self.precision == "uint8":
            largest = maps.float().amax(-1, keepdim=True).expand_as(maps)[..., seen]
            values = values.div(largest).sqrt_().mul_(_LARGEST).round_()
        return to_raw(values.to(_STORED[self.precision]))

    def decode(self, raw: Tensor, start: int, tokens: int) -> Tensor:
        """Read what :meth:`encode` wrote: float32, shape ``(layers, heads, tokens, keys)``."""
        seen = _seen(start, tokens)
        values = from_raw(raw, _STORED[self.precision]).view(len(self.layers), self.heads, -1).float()
        maps = values.new_zeros(*values.shape[:2], *seen.shape)
        maps[..., seen] = values.square() if self.precision == "uint8" else values
        return maps / maps.sum(-1, keepdim=True)

    def size_bytes(self, start: int, tokens: int) -> int:
        """Length of what :meth:`encode` writes for a row.

        >>> AttentionFormat((0, 1), heads=1, mean=True, precision="float16").size_bytes(start=3, tokens=2)
        28
        """
        seen = tokens * start + tokens * (tokens - 1) // 2
        return len(self.layers) * self.heads * seen * _STORED[self.precision].itemsize


def join_maps(maps: Sequence[Tensor]) -> Tensor:
    """Several rows' maps as one, shape ``(layers, heads, positions, keys)``, zeros behind the shorter rows."""
    keys = max(part.shape[-1] for part in maps)
    return torch.cat([functional.pad(part, (0, keys - part.shape[-1])) for part in maps], dim=2)


def _seen(start: int, tokens: int) -> Tensor:
    """Which keys each position sees: ``start`` for the first, and one more for each that follows."""
    return torch.ones(tokens, start + tokens - 1, dtype=torch.bool).tril(start - 1)
