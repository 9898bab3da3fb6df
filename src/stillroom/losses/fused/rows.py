"""Some rows whose logits exist: the sum of each term over them, and the gradient in the logits' place."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from typing import NamedTuple

import torch
from torch import Tensor

from stillroom.losses.fused.chunk import Objective, evaluate
from stillroom.losses.fused.products import at_least_float32
from stillroom.losses.fused.sampled import Sampled
from stillroom.losses.fused.sizes import block_rows
from stillroom.losses.response.top_k import TopK


class Rows(NamedTuple):
    """Some rows: the student's logits, and what they are compared with."""

    logits: Tensor
    teacher: Tensor | TopK | Sampled | None
    targets: Tensor | None
    weights: Tensor | None

    def take(self, rows: slice) -> Rows:
        """Some of these rows, logits in float32 or wider."""
        wide = at_least_float32(self.logits.dtype)
        teacher = self.teacher
        if isinstance(teacher, Tensor):
            teacher = teacher[rows].to(wide)
        elif teacher is not None:
            teacher = part_of(teacher, rows)
        return Rows(self.logits[rows].to(wide), teacher, part(self.targets, rows), part(self.weights, rows))


def differentiate(given: Rows, objective: Objective) -> dict[str, Tensor]:
    """Sum of each term over the rows, float32 or wider; their gradient takes the place of the logits."""
    if not _suits_kernel(given):
        return _by_blocks(given, objective)
    from stillroom.losses.fused import kernel

    assert given.teacher is None or isinstance(given.teacher, Tensor)
    return kernel.differentiate(given.logits, given.teacher, given.targets, given.weights, objective)


def _suits_kernel(given: Rows) -> bool:
    """The kernel is for GPUs, for dense teachers, and computes in float32."""
    sides = [given.logits] if given.teacher is None else [given.logits, given.teacher]
    narrow = all(isinstance(side, Tensor) and side.dtype != torch.float64 for side in sides)
    return narrow and given.logits.is_cuda and _has_triton()


@cache
def _has_triton() -> bool:
    return find_spec("triton") is not None


def _by_blocks(given: Rows, objective: Objective) -> dict[str, Tensor]:
    count, vocab = given.logits.shape
    step = block_rows(vocab, gpu=given.logits.is_cuda)
    sums: dict[str, Tensor] = {}
    for start in range(0, count, step):
        rows = slice(start, start + step)
        some = given.take(rows)
        values, gradient = evaluate(some.logits, some.targets, some.teacher, objective)
        for name, value in values.items():
            weighted = value if some.weights is None else value * some.weights
            sums[name] = sums[name] + weighted.sum() if name in sums else weighted.sum()
        if gradient is None:
            given.logits[rows].zero_()
        else:
            given.logits[rows] = gradient if some.weights is None else gradient.mul_(some.weights[:, None])
    return sums


def part(tensor: Tensor | None, rows: slice) -> Tensor | None:
    """Some rows of a tensor, where there is one."""
    return None if tensor is None else tensor[rows]


def part_of(teacher: TopK | Sampled, rows: slice) -> TopK | Sampled:
    """What was kept of the teacher, for some rows."""
    if isinstance(teacher, TopK):
        assert teacher.tail is not None
        return TopK(teacher.ids[rows], teacher.log_probs[rows], teacher.tail[rows], teacher.temperature)
    return Sampled(teacher.ids[rows], teacher.shares[rows], teacher.entropy[rows], teacher.temperature)
