"""Attention of short sequences on a processor, by the kernel whose way back is quick."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

_LONGEST = 160
_EVERY = [
    SDPBackend.FLASH_ATTENTION,
    SDPBackend.EFFICIENT_ATTENTION,
    SDPBackend.CUDNN_ATTENTION,
    SDPBackend.MATH,
]


@contextmanager
def short_attention(ids: Tensor, *, half: bool) -> Iterator[None]:
    """Inside, attention over short lines is computed by plain matrix products where those are quicker.

    In bfloat16 on a processor, the backward pass of PyTorch's fused kernel takes its time for each small block: for 8
    lines of 48 tokens and 9 heads 15 ms, where plain products in float32 take 1.5 ms; they meet at about 190 tokens
    (PyTorch 2.13, AMX, 2 threads). Stay inside until the backward pass is over where layers are recomputed on the way
    back. Results differ by rounding.

    Args:
        ids: token ids of a batch, shape ``(batch, time)``.
        half: whether products are computed in bfloat16; in float32 the fused kernel stays.

    >>> import torch
    >>> with short_attention(torch.zeros(2, 8, dtype=torch.long), half=True):
    ...     torch.backends.cuda.flash_sdp_enabled()
    False
    """
    plain = half and ids.device.type == "cpu" and ids.shape[-1] <= _LONGEST
    with sdpa_kernel(SDPBackend.MATH) if plain else nullcontext():
        yield


def reading_attention() -> AbstractContextManager[None]:
    """Inside, every kernel may be chosen again: a teacher that only reads says the same live and recorded.

    >>> import torch
    >>> with short_attention(torch.zeros(2, 8, dtype=torch.long), half=True), reading_attention():
    ...     torch.backends.cuda.flash_sdp_enabled()
    True
    """
    return sdpa_kernel(_EVERY)
