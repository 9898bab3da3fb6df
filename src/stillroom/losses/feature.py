"""Losses on hidden states: pure, per row, float32 or wider."""

from __future__ import annotations

import torch
from torch import Tensor


def hidden_mse(student: Tensor, teacher: Tensor) -> Tensor:
    r"""Mean squared difference of hidden states relative to the teacher's power.

    .. math:: \frac{\lVert h_s - h_t\rVert^2}{\lVert h_t\rVert^2}

    Dividing by the teacher's squared norm makes layers of different scale comparable, so one weight serves all.
    The teacher receives no gradient.

    Args:
        student: hidden states, shape ``(..., width)``.
        teacher: hidden states of the mapped teacher layer, shape ``(..., width)``; no row may be all zero.

    Returns:
        One value per row, shape ``(...)``, ≥ 0; 1 for a student that is all zero. No reduction.

    Source: hidden-state loss of TinyBERT (arXiv:1909.10351, eq. 8), normalised.

    >>> hidden_mse(torch.zeros(1, 3), torch.ones(1, 3))
    tensor([1.])
    """
    wide = torch.promote_types(student.dtype, torch.float32)
    target = teacher.detach().to(wide)
    return (student.to(wide) - target).square().sum(-1) / target.square().sum(-1)
