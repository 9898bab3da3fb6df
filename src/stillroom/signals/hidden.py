"""The whole distribution, as the hidden state that it is computed from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from stillroom.losses.fused.linear import DenseTeacher
from stillroom.signals.raw import finite, from_raw, to_raw


@dataclass(frozen=True, slots=True)
class HiddenFormat:
    """Last hidden states in float16: with the output matrix, every logit at any temperature.

    2·width bytes a token instead of 2·vocab.
    """

    width: int

    def encode(self, hidden: Tensor, matrix: Tensor, random: np.random.Generator) -> Tensor:
        """Bytes of a row's hidden states, shape ``(tokens, width)``.

        Raises:
            SignalError: a state is not finite or too large for float16.
        """
        return to_raw(finite(hidden.half()))

    def most_bytes(self, tokens: int) -> int:
        """Length of what :meth:`encode` writes for a row."""
        return 2 * self.width * tokens

    def join(self, records: Sequence[tuple[Tensor, int]], matrix: Tensor | None) -> DenseTeacher:
        """The teacher of several rows' ``(bytes, tokens)``."""
        assert matrix is not None
        pieces = [from_raw(raw, torch.float16).view(tokens, self.width) for raw, tokens in records]
        return DenseTeacher(torch.cat(pieces), matrix)
