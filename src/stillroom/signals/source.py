"""What a student learns from, whoever provides it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from torch import Tensor

from stillroom.losses.fused.linear import Teacher
from stillroom.types import Encoded


@runtime_checkable
class SignalSource(Protocol):
    """A teacher's knowledge of rows. A learner cannot tell whether it was recorded or is computed now.

    Positions are those that predict the rows' response tokens, row after row in the order given.
    """

    def teacher(self, rows: Sequence[Encoded]) -> Teacher:
        """What the teacher says at each position: everything, its likeliest classes, or draws.

        A dense teacher's output matrix is the same at every call.

        Raises:
            SignalError: the source knows nothing of a row.
        """

    def attention(self, rows: Sequence[Encoded]) -> Tensor | None:
        """Attention probabilities of the observed layers, float32; None without any.

        Shape ``(observed, heads, positions, keys)``, with one head where the mean over heads was kept, and as many keys
        as the longest row's last position sees. Key k of a position is the k-th token of its own row; keys that it does
        not see are 0, all others sum to 1. So ``attention_kl(student[None], teacher[None])`` takes it as one example
        without a mask and gives a value for each position, and ``attention_alignment`` their sum.
        :class:`stillroom.models.attention.AttentionTap` gives the student's in this form, padded or packed.

        Raises:
            SignalError: the source knows nothing of a row.
        """

    def layers(self, rows: Sequence[Encoded]) -> Tensor | None:
        """Hidden states after the mapped layers, float32, shape ``(mapped, positions, width)``; None without any.

        Raises:
            SignalError: the source knows nothing of a row.
        """
