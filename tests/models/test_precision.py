"""The number format that a processor computes in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from stillroom.models import precision
from stillroom.models.precision import cpu_computes_bfloat16, resolve_precision


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    cpu_computes_bfloat16.cache_clear()
    yield
    cpu_computes_bfloat16.cache_clear()


@pytest.mark.parametrize(
    ("features", "bfloat16_seconds", "expected"),
    [
        ({"amx_bf16": True, "avx512_bf16": True}, 9.0, torch.bfloat16),
        ({"avx512_bf16": True}, 0.5, torch.bfloat16),
        ({"avx512_bf16": True}, 2.0, torch.float32),
        ({"avx2": True}, 0.5, torch.float32),
    ],
)
def test_auto_takes_bfloat16_where_its_products_are_faster(
    features: dict[str, bool], bfloat16_seconds: float, expected: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: features)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(
        precision, "_seconds", lambda dtype: bfloat16_seconds if dtype == torch.bfloat16 else 1.0
    )
    assert resolve_precision("auto") == expected


def test_a_product_is_timed_in_either_format() -> None:
    assert precision._seconds(torch.float32) > 0
    assert precision._seconds(torch.bfloat16) > 0
