"""The teacher's knowledge on disk: exact, compact, keyed by content.

A dense signal is the teacher's last hidden state at each position that predicts a response token; with the teacher's
output matrix it *is* the whole output distribution, at any temperature, in ``2·width`` bytes a token instead of
``2·vocab``. Rows are found by the SHA-256 of the tokens, never by position, so no shuffle, packing or accumulation
can pair a student with the wrong teacher row.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from stillroom.types import Encoded, SignalError

TENSORS_FILE = "signals.safetensors"
INDEX_FILE = "index.json"
HIDDEN, OUTPUT_MATRIX, LAYERS = "hidden", "output_matrix", "layers"


def content_key(row: Encoded) -> str:
    """Name a row by its tokens and by where its response starts."""
    return hashlib.sha256(row.ids.tobytes() + row.start.to_bytes(4, "little")).hexdigest()


@dataclass(frozen=True)
class SignalStore:
    """Recorded signals of one teacher.

    Attributes:
        teacher: fingerprint of the teacher's weights.
        hidden: last hidden states, float16, shape ``(positions, width)``.
        output_matrix: the teacher's output matrix, float32, shape ``(vocab, width)``.
        layers: hidden states after the mapped layers, float16, shape ``(mapped, positions, width)``; mapped may be 0.
        spans: content key → first and last-plus-one position.
    """

    teacher: str
    hidden: Tensor
    output_matrix: Tensor
    layers: Tensor
    spans: Mapping[str, tuple[int, int]]

    @classmethod
    def open(cls, folder: Path, teacher: str) -> SignalStore:
        """Map the files into memory.

        Raises:
            SignalError: the signals were recorded from another teacher.
        """
        index = json.loads((folder / INDEX_FILE).read_text(encoding="utf-8"))
        if index["teacher"] != teacher:
            raise SignalError(
                f"{folder} was recorded from teacher {index['teacher'][:12]}",
                f"teacher {teacher[:12]}",
                "record the signals again with this teacher",
            )
        tensors = load_file(folder / TENSORS_FILE)
        spans = {key: (start, stop) for key, start, stop in index["spans"]}
        return cls(teacher, tensors[HIDDEN], tensors[OUTPUT_MATRIX], tensors[LAYERS], spans)

    def positions(self, rows: Sequence[Encoded]) -> Tensor:
        """Positions of the rows' response tokens, concatenated in order.

        Raises:
            SignalError: a row was never shown to the teacher.
        """
        return torch.cat([torch.arange(*self._span(row)) for row in rows])

    def _span(self, row: Encoded) -> tuple[int, int]:
        span = self.spans.get(content_key(row))
        if span is None:
            raise SignalError(
                "a training row has no recorded signal",
                f"one of the {len(self.spans)} rows that the teacher was shown",
                "record the signals again for this corpus and tokenizer",
            )
        return span
