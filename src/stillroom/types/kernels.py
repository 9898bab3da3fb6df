"""Keeping few compiled kernels.

oneDNN and PyTorch each keep the last 1,024 kernels that were compiled for matrix products of one exact shape. Batches
have another length at nearly every step, so that kernels of lengths that never come back lie scattered between large
blocks, which then cannot be joined: in bfloat16 the quickstart's teacher grew by 110 MiB a step.
"""

from __future__ import annotations

import os

_CAPACITIES = ("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "LRU_CACHE_CAPACITY")
_KEPT = 64


def keep_few_kernels() -> None:
    """Keep those of the last few steps: training a language model needs fewer than 20 at a time.

    Each cache reads its size at its first product, so call this before; a size that the user has set is left as it is.
    Source: *Primitive Cache* in oneDNN's developer guide; ``ideep/lru_cache.hpp`` of PyTorch.
    """
    for name in _CAPACITIES:
        os.environ.setdefault(name, str(_KEPT))
