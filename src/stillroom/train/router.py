"""A layer map that is learned: each student layer against a mixture of teacher layers."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

_WIDTH = 32
_SHARPNESS = 2.0


class LayerRouter(nn.Module):
    r"""Mixes the teacher's layers into one target for each of the student's, token by token.

    .. math::
        \tilde h_i(x) = \sum_j a_{ij}(x)\, \hat h^T_j(x), \qquad
        a_{ij}(x) = \operatorname{softmax}_j\!\left(b_{ij}
            + \frac{q_i(\hat h^S_i(x)) \cdot k(\hat h^T_j(x))}{\sqrt d}\right)

    with a linear q for each student layer and one k, which starts at zero, so that the first shares are the softmax of
    b. Hats: divided by the root mean square. The layers of BERT, for which this was published, end with a norm; those
    of a decoder do not, and unscaled the longest would drown the others. The student is compared by its scaled states
    too.

    Shares and student learn apart: the student to match a mixture that stands still, the shares to bring the mixture to
    the student as it is.

    Args:
        student: its hidden states of any rows, ``(student layers, rows, width)``.
        teacher: those of the layers that are mixed, ``(teacher layers, rows, teacher width)``.
        near: how near the layers lie at first, in layers, 0 at most, ``(student layers, teacher layers)``; b is twice
            that.

    Source: Passban et al. 2021 (arXiv:2012.14022), equations 3 and 4, with a learned comparison.
    """

    def __init__(self, student: Tensor, teacher: Tensor, near: NDArray[np.float64]) -> None:
        super().__init__()
        layers, width = len(student), student.shape[-1]
        self.query = nn.Parameter(torch.randn(layers, width, _WIDTH) / math.sqrt(width))
        self.key = nn.Parameter(torch.zeros(teacher.shape[-1], _WIDTH))
        self.bias = nn.Parameter(_SHARPNESS * torch.from_numpy(near).to(self.key))

    def shares(self, student: Tensor, teacher: Tensor) -> Tensor:
        """What each teacher layer is to each student layer at each row: ``(student layers, rows, teacher layers)``."""
        query = torch.einsum("srw,swd->srd", scaled(student.detach()), self.query)
        key = torch.einsum("trw,wd->trd", scaled(teacher), self.key)
        match = torch.einsum("srd,trd->srt", query, key) / math.sqrt(_WIDTH)
        return (self.bias[:, None] + match).softmax(-1)

    def forward(self, student: Tensor, teacher: Tensor) -> Tensor:
        """The targets of the student's scaled layers: ``(student layers, rows, teacher width)``."""
        return torch.einsum("srt,trw->srw", self.shares(student, teacher), scaled(teacher))


def scaled(states: Tensor) -> Tensor:
    """States ``(…, width)`` divided by their root mean square, in float32."""
    return nn.functional.rms_norm(states.float(), states.shape[-1:])
