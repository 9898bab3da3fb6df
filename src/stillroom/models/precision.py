"""What number format the processor computes in."""

from __future__ import annotations

from typing import Literal

import torch


def cpu_computes_bfloat16() -> bool:
    """Whether bfloat16 matrix products run in hardware (AMX or AVX512-BF16); elsewhere they are emulated, slowly."""
    features = torch.cpu.get_capabilities()
    return bool(features.get("amx_bf16") or features.get("avx512_bf16"))


def resolve_precision(precision: Literal["auto", "float32", "bfloat16"]) -> torch.dtype:
    """Choose the format of matrix products; master weights are float32 in any case.

    >>> resolve_precision("float32")
    torch.float32
    """
    if precision == "auto":
        fast = torch.cuda.is_bf16_supported() if torch.cuda.is_available() else cpu_computes_bfloat16()
        return torch.bfloat16 if fast else torch.float32
    return torch.bfloat16 if precision == "bfloat16" else torch.float32
