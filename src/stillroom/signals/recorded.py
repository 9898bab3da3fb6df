"""A source of signals that knows rows by their records."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager

import torch
from torch import Tensor

from stillroom.losses.fused.linear import Teacher
from stillroom.signals.record import Record, join_attention, join_layers, join_teacher
from stillroom.signals.recording import Recording
from stillroom.types import Encoded


class RecordSource(ABC):
    """A :class:`~stillroom.signals.source.SignalSource` over records, wherever these come from.

    Attributes:
        recording: what every record holds.
    """

    def __init__(self, recording: Recording, matrix: Tensor | None) -> None:
        """Join the description of the records and the teacher's output matrix, where the targets need it."""
        self.recording = recording
        self._matrix = matrix
        self._rows: tuple[Encoded, ...] = ()
        self._records: list[Record] = []

    def teacher(self, rows: Sequence[Encoded]) -> Teacher:
        """What the teacher says at each position that predicts a response token of the rows.

        Raises:
            SignalError: nothing is known of a row.
        """
        with _as_recorded():
            return join_teacher(self._of(rows), self._matrix, self.recording)

    def layers(self, rows: Sequence[Encoded]) -> Tensor | None:
        """Hidden states after the mapped layers, float32, shape ``(mapped, positions, width)``; None without any.

        Raises:
            SignalError: nothing is known of a row.
        """
        with _as_recorded():
            return join_layers(self._of(rows), self.recording) if self.recording.layers else None

    def attention(self, rows: Sequence[Encoded]) -> Tensor | None:
        """Attention probabilities of the observed layers, shape ``(observed, heads, positions, keys)``; None without.

        The form is told in :class:`~stillroom.signals.source.SignalSource`.

        Raises:
            SignalError: nothing is known of a row.
        """
        with _as_recorded():
            return join_attention(self._of(rows), self.recording) if self.recording.attention else None

    @abstractmethod
    def _find(self, rows: Sequence[Encoded]) -> list[Record]:
        """Get the rows' records, in order."""

    def _of(self, rows: Sequence[Encoded]) -> list[Record]:
        """A learner asks twice about each batch: the second answer is remembered."""
        same = len(rows) == len(self._rows) and all(a is b for a, b in zip(rows, self._rows, strict=True))
        if not same:
            self._records, self._rows = self._find(rows), tuple(rows)
        return self._records


def _as_recorded() -> AbstractContextManager[None]:
    """Leave formats alone inside a pass of any precision; on a processor autocast refuses to join float16."""
    context: AbstractContextManager[None] = torch.autocast("cpu", enabled=False)
    return context
