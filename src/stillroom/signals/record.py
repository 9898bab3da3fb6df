"""One row's record: mapped layers, then attention, then what was kept of the distributions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor

from stillroom.losses.fused.linear import Teacher
from stillroom.signals.attention import join_maps
from stillroom.signals.hidden import HiddenFormat
from stillroom.signals.layers import decode_layers, encode_layers, layer_bytes
from stillroom.signals.raw import finite
from stillroom.signals.recording import Recording
from stillroom.signals.sampled import SampledFormat
from stillroom.signals.top_k import TopKFormat
from stillroom.types import Encoded


class TargetFormat(Protocol):
    """How distributions become bytes, and bytes a teacher. A new kind is one class of this form."""

    def encode(self, hidden: Tensor, matrix: Tensor, random: np.random.Generator) -> Tensor:
        """Bytes of a row from its last hidden states, shape ``(tokens, width)``, and the output matrix."""

    def most_bytes(self, tokens: int) -> int:
        """Length of what :meth:`encode` writes for a row, at most."""

    def join(self, records: Sequence[tuple[Tensor, int]], matrix: Tensor | None) -> Teacher:
        """The teacher of several rows' ``(bytes, tokens)``."""


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of one row.

    Attributes:
        raw: its bytes, uint8.
        tokens: its response tokens.
        start: place of the first of them in the row: how many keys its position sees.
    """

    raw: Tensor
    tokens: int
    start: int


def target_format(recording: Recording) -> TargetFormat:
    """Choose the format of a recording's targets."""
    targets, temperature = recording.targets, recording.temperature
    if temperature is None:
        return HiddenFormat(recording.width)
    if targets["kind"] == "sampled":
        return SampledFormat(recording.vocab, targets["draws"], temperature)
    return TopKFormat(recording.vocab, targets["classes"], temperature)


class Observed(NamedTuple):
    """What a teacher computed at a row's response positions.

    Attributes:
        states: hidden states after the mapped layers and, last, after the last norm, shape ``(mapped + 1, tokens,
            width)``.
        maps: attention of the observed layers, shape ``(observed, heads, tokens, keys)``; None where none is.
    """

    states: Tensor
    maps: Tensor | None


def encode_record(
    observed: Observed, row: Encoded, matrix: Tensor, recording: Recording, key: bytes
) -> Record:
    """Make a row's record.

    Args:
        observed: what the teacher computed.
        row: of what.
        matrix: the teacher's output matrix.
        recording: what is kept.
        key: the record's name; it decides the draws, so that the same content gives the same bytes.

    Raises:
        SignalError: a number is not finite, or too large for its format.
    """
    states, maps = observed
    random = np.random.Generator(np.random.Philox(key=int.from_bytes(key, "little")))
    parts = [encode_layers(states[:-1], recording.layer_format)]
    if recording.attention is not None:
        assert maps is not None
        parts.append(recording.attention.encode(maps, row.start))
    parts.append(target_format(recording).encode(finite(states[-1]), matrix, random))
    return Record(torch.cat(parts), states.shape[1], row.start)


def most_record_bytes(recording: Recording, row: Encoded) -> int:
    """Length of a row's record, at most: draws take less where some of them meet."""
    layers, maps = _prefix_bytes(recording, row.start, len(row.targets))
    return layers + maps + target_format(recording).most_bytes(len(row.targets))


def join_teacher(records: Sequence[Record], matrix: Tensor | None, recording: Recording) -> Teacher:
    """The teacher of several rows."""
    pieces = [(_parts(record, recording)[2], record.tokens) for record in records]
    return target_format(recording).join(pieces, matrix)


def join_layers(records: Sequence[Record], recording: Recording) -> Tensor | None:
    """The mapped layers' states of several rows, shape ``(mapped, positions, width)``; None without any."""
    if not recording.layers:
        return None
    pieces = [
        decode_layers(
            _parts(record, recording)[0],
            recording.layer_format,
            (len(recording.layers), record.tokens, recording.width),
        )
        for record in records
    ]
    return torch.cat(pieces, dim=1)


def join_attention(records: Sequence[Record], recording: Recording) -> Tensor:
    """The observed layers' attention of several rows, shape ``(observed, heads, positions, keys)``."""
    kept = recording.attention
    assert kept is not None
    maps = [kept.decode(_parts(record, recording)[1], record.start, record.tokens) for record in records]
    return join_maps(maps)


def _parts(record: Record, recording: Recording) -> tuple[Tensor, Tensor, Tensor]:
    """The bytes of the layers, of the attention and of the targets."""
    layers, maps = _prefix_bytes(recording, record.start, record.tokens)
    return record.raw[:layers], record.raw[layers : layers + maps], record.raw[layers + maps :]


def _prefix_bytes(recording: Recording, start: int, tokens: int) -> tuple[int, int]:
    """Length of the layers and of the attention."""
    shape = (len(recording.layers), tokens, recording.width)
    maps = recording.attention.size_bytes(start, tokens) if recording.attention else 0
    return layer_bytes(recording.layer_format, shape), maps
