"""How time and memory of the distillation loss grow: fused, dense, and by a peer where one is installed.

    python benchmarks/engine_growth.py --device cuda --precision bfloat16   # needs PyTorch, and triton for the kernel

The loss sees tokens, not rows: a batch twice as large costs what sequences twice as long cost.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import torch
from engine_machine import machine, wait_for
from engine_table import growth_page
from torch import Tensor

from stillroom.losses import LOSSES, DenseTeacher, linear_distillation

MOST_BYTES = 6 << 30
MOST_TIMED_LOGITS = 1 << 28


class Size(NamedTuple):
    """One case: the width is that of the hidden states."""

    tokens: int
    vocab: int
    width: int = 256


# The last is Liger's published case (8,192 tokens, Llama 3's vocabulary and width).
SIZES = (
    Size(1_024, 49_152),
    Size(1_024, 131_072),
    Size(1_024, 262_144),
    Size(2_048, 49_152),
    Size(4_096, 49_152),
    Size(8_192, 49_152),
    Size(8_192, 131_072),
    Size(8_192, 128_256, 4_096),
)


class Inputs(NamedTuple):
    """Student and teacher, the student's parts with a gradient."""

    hidden: Tensor
    weight: Tensor
    teacher: DenseTeacher


def make_inputs(size: Size, device: str, dtype: torch.dtype = torch.float32) -> Inputs:
    """Random hidden states and matrices whose logits have a spread of about 3."""
    torch.manual_seed(0)

    def draw(rows: int) -> Tensor:
        return torch.randn(rows, size.width, device=device, dtype=dtype)

    weights = [draw(size.vocab) * (3 / size.width**0.5) for _ in range(2)]
    return Inputs(
        draw(size.tokens).requires_grad_(),
        weights[0].requires_grad_(),
        DenseTeacher(draw(size.tokens), weights[1]),
    )


def fused(given: Inputs) -> Tensor:
    """Forward KL by the fused loss."""
    return linear_distillation(
        given.hidden, given.weight, teacher=given.teacher, weights={"forward_kl": 1.0}
    ).total


def fused_without_kernel(given: Inputs) -> Tensor:
    """The same, by the kernel's plain twin."""
    with patch("stillroom.losses.fused.rows._has_triton", lambda: False):
        return fused(given)


def dense(given: Inputs) -> Tensor:
    """The same, from all logits at once."""
    student, teacher = given.hidden @ given.weight.T, given.teacher.hidden @ given.teacher.weight.T
    value: Tensor = LOSSES["forward_kl"](student, teacher).sum()
    return value


def peer() -> Callable[[Inputs], Tensor] | None:
    """The same by TRL's chunked divergence, where TRL is installed."""
    try:
        from trl.kernels.chunked_divergence import ChunkedDivergenceFunction
    except ImportError:
        return None

    def chunked(given: Inputs) -> Tensor:
        teacher = given.teacher
        each: Tensor = ChunkedDivergenceFunction.apply(
            given.hidden, given.weight, None, teacher.hidden, teacher.weight, None, 0.0
        )[0]
        return each.sum()

    return chunked


def extra_bytes(loss: Callable[[Inputs], Tensor], given: Inputs) -> int:
    """Most bytes beside the inputs, gradients included; tensors on ``meta`` are counted, not computed."""
    given.hidden.grad = given.weight.grad = None
    if given.hidden.is_cuda:
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        loss(given).backward()  # type: ignore[no-untyped-call]
        return int(torch.cuda.max_memory_allocated() - before)
    from stillroom.train.memory import PeakBytes

    with PeakBytes() as memory:
        loss(given).backward()  # type: ignore[no-untyped-call]
    return int(memory.peak)


def seconds(loss: Callable[[Inputs], Tensor], given: Inputs, repeats: int) -> float:
    """Best of the repeats, value and gradient."""
    best = float("inf")
    for _ in range(repeats + 1):
        given.hidden.grad = given.weight.grad = None
        wait_for(given.hidden.device.type)
        started = time.perf_counter()
        loss(given).backward()  # type: ignore[no-untyped-call]
        wait_for(given.hidden.device.type)
        best = min(best, time.perf_counter() - started)
    return best


def measure(size: Size, device: str, dtype: torch.dtype = torch.float32, repeats: int = 1) -> dict[str, Any]:
    """One size; what would need more memory or patience than there is has no seconds."""
    row: dict[str, Any] = size._asdict()
    on_gpu = device == "cuda"
    timed = on_gpu or size.tokens * size.vocab <= MOST_TIMED_LOGITS
    given = make_inputs(size, device, dtype) if timed else None
    counted = given if on_gpu and given else make_inputs(size, "meta", dtype)
    plain = {"without_kernel": fused_without_kernel} if on_gpu else {}
    for name, loss in {"fused": fused, **plain, "dense": dense}.items():
        with _told_where_memory_ends(row, name):
            row[f"{name}_extra_bytes"] = extra = extra_bytes(loss, counted)
            if given is not None and (on_gpu or extra <= MOST_BYTES):
                row[f"{name}_seconds"] = seconds(loss, given, 5 if on_gpu else repeats)
    chunked = peer()
    if given is not None and chunked is not None:
        with _told_where_memory_ends(row, "trl_chunked"):
            row["trl_chunked_extra_bytes"] = extra_bytes(chunked, given)
            row["trl_chunked_seconds"] = seconds(chunked, given, repeats)
    return row


@contextmanager
def _told_where_memory_ends(row: dict[str, Any], name: str) -> Iterator[None]:
    """A computation that does not fit is a result, not an end."""
    try:
        yield
    except torch.OutOfMemoryError:
        row[f"{name}_out_of_memory"] = True
        torch.cuda.empty_cache()


def main() -> None:
    """The growth tables alone, with what they were measured on."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default="float32")
    parser.add_argument("--json", type=Path, help="write the figures as JSON")
    wanted = parser.parse_args()
    dtype = getattr(torch, wanted.precision)
    found = {"machine": machine(wanted.device), "precision": wanted.precision}
    found["growth"] = [measure(size, wanted.device, dtype) for size in SIZES]
    if wanted.json:
        wanted.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print("\n".join(growth_page(found)))


if __name__ == "__main__":
    main()
