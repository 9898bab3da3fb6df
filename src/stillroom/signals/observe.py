"""Running the teacher over rows."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from stillroom.models.attention import AttentionTap, spans, tappable
from stillroom.models.decoder import body, output_matrix
from stillroom.models.language_model import LanguageModel
from stillroom.models.predictor import pad_right
from stillroom.models.short_attention import reading_attention
from stillroom.signals.record import Observed, Record, encode_record
from stillroom.signals.recording import Recording, record_key
from stillroom.types import Encoded


class Observer:
    """Turns rows into records. The teacher's weights receive no gradient."""

    def __init__(self, teacher: LanguageModel, recording: Recording, precision: torch.dtype) -> None:
        """Watch a teacher; its matrix products are taken in ``precision``, its logits in float32."""
        self._network = teacher.network
        self._recording = recording
        self._fingerprint = recording.fingerprint
        self._precision = precision

    @property
    def matrix(self) -> Tensor:
        """The output matrix, shape ``(vocab, width)``."""
        return output_matrix(self._network).detach()

    @torch.no_grad()
    def records(self, rows: Sequence[Encoded]) -> list[Record]:
        """Run the teacher once over all rows together.

        Raises:
            SignalError: a hidden state is not finite, or too large for its format.
        """
        matrix = self.matrix  # a teacher held in fewer bytes dequantises it each time
        return [
            encode_record(observed, row, matrix, self._recording, record_key(self._fingerprint, row))
            for row, observed in zip(rows, self._observe(rows), strict=True)
        ]

    def _observe(self, rows: Sequence[Encoded]) -> list[Observed]:
        network, layers, tap = self._network.eval(), self._recording.layers, self._tap(rows)
        ids = pad_right([row.ids for row in rows]).to(network.device)
        with (
            tappable(network),
            reading_attention(),
            torch.autocast(ids.device.type, self._precision, enabled=self._precision != torch.float32),
        ):
            output = body(network)(ids, use_cache=False, output_hidden_states=bool(layers), attention_tap=tap)
        picked = [output.hidden_states[layer + 1] for layer in layers] + [output.last_hidden_state]
        stacked = torch.stack([states.float() for states in picked])
        states = [stacked[:, i, row.start - 1 : len(row.ids) - 1] for i, row in enumerate(rows)]
        return [Observed(*pair) for pair in zip(states, _row_maps(tap, rows), strict=True)]

    def _tap(self, rows: Sequence[Encoded]) -> AttentionTap | None:
        kept = self._recording.attention
        return AttentionTap(kept.layers, spans(rows), mean_heads=kept.mean) if kept else None


def _row_maps(tap: AttentionTap | None, rows: Sequence[Encoded]) -> list[Tensor | None]:
    """Each row's own maps, over its own keys."""
    if tap is None:
        return [None] * len(rows)
    pieces = torch.split(tap.maps(), [len(row.targets) for row in rows], dim=2)
    return [piece[..., : len(row.ids) - 1] for piece, row in zip(pieces, rows, strict=True)]
