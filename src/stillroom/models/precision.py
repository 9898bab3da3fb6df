"""What number format the processor computes in."""

from __future__ import annotations

from functools import cache
from typing import Literal

import torch

from stillroom.types.timing import shortest_seconds

_SIZE, _REPEATS = 512, 39


@cache
def cpu_computes_bfloat16() -> bool:
    """Whether the processor multiplies matrices faster in bfloat16 than in float32.

    With AMX it does. With AVX512-BF16 alone it depends on the processor: 2.3 times as fast on an AMD EPYC, half as fast
    on an Intel Xeon, so products are timed for a sixth of a second, once a process. Elsewhere bfloat16 is emulated.
    """
    features = torch.cpu.get_capabilities()
    if features.get("amx_bf16"):
        return True
    return bool(features.get("avx512_bf16")) and _seconds(torch.bfloat16) < _seconds(torch.float32)


def resolve_precision(precision: Literal["auto", "float32", "bfloat16"]) -> torch.dtype:
    """Choose the format of matrix products; master weights are float32 in any case.

    >>> resolve_precision("float32")
    torch.float32
    """
    if precision == "auto":
        fast = torch.cuda.is_bf16_supported() if torch.cuda.is_available() else cpu_computes_bfloat16()
        return torch.bfloat16 if fast else torch.float32
    return torch.bfloat16 if precision == "bfloat16" else torch.float32


def _seconds(dtype: torch.dtype) -> float:
    matrix = torch.ones(_SIZE, _SIZE, dtype=dtype)
    return shortest_seconds(lambda: matrix @ matrix, repeats=_REPEATS)
