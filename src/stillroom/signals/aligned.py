"""A teacher that reads with another tokenizer than its student."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from stillroom.data.pairs import Pair
from stillroom.models.language_model import LanguageModel
from stillroom.signals.carry import Floats
from stillroom.signals.chunks import log_prob_chunks
from stillroom.signals.collect import Collected, collect_with
from stillroom.signals.content import content_key
from stillroom.signals.layers import encode_layers
from stillroom.signals.observe import Observer
from stillroom.signals.other_reader import OtherReader
from stillroom.signals.raw import finite
from stillroom.signals.record import Observed, Record
from stillroom.signals.recorded import RecordSource
from stillroom.signals.recorder import Recorder
from stillroom.signals.seal import seal_of
from stillroom.signals.settings import SignalSettings
from stillroom.signals.top_k import TopKFormat
from stillroom.signals.truncate import truncate
from stillroom.types import Encoded, Progress, SignalError, silent


class AlignedObserver(Observer):
    """Shows the teacher its own tokens of an example, and turns what it says into records of the student's row.

    A position about which the teacher says too little, and a row that it does not read, is recorded as its hard label:
    the soft term of such a position equals the hard one. Hidden states are recorded where both have spelled the same
    text, and are zero elsewhere.
    """

    def __init__(self, teacher: LanguageModel, reader: OtherReader, precision: torch.dtype) -> None:
        """Watch a teacher; matrix products in ``precision``, its logits in float32."""
        super().__init__(teacher, reader.recording, precision)
        self._reader = reader

    @torch.no_grad()
    def records(self, rows: Sequence[Encoded]) -> list[Record]:
        """Run the teacher once over all rows together.

        Raises:
            SignalError: a row that was not announced, or a hidden state that is not finite.
        """
        pairs = [self._pair(row) for row in rows]
        known = [pair for pair in pairs if pair is not None]
        said = iter(self._observe([pair.row for pair in known]) if known else ())
        matrix = self.matrix
        return [
            self._record(
                row, *(self._nothing(row) if pair is None else self._carried(next(said), pair, matrix))
            )
            for row, pair in zip(rows, pairs, strict=True)
        ]

    def _pair(self, row: Encoded) -> Pair | None:
        try:
            return self._reader.pairs[content_key(row)]
        except KeyError:
            raise SignalError(
                "a row that the teacher's tokenizer was not shown",
                f"one of the {len(self._reader.pairs)} rows that were paired",
                "pair the examples of this split too",
            ) from None

    def _nothing(self, row: Encoded) -> tuple[Floats, Tensor]:
        recording = self._reader.recording
        states = torch.zeros(len(recording.layers), len(row.targets), recording.width)
        return np.zeros((len(row.targets), recording.vocab)), states

    def _carried(self, observed: Observed, pair: Pair, matrix: Tensor) -> tuple[Floats, Tensor]:
        """Distributions, and the hidden states of the mapped layers, at the student's positions."""
        temperature = self._reader.recording.temperature
        assert temperature is not None
        chunks = log_prob_chunks(finite(observed.states[-1]), matrix, temperature)
        probs = torch.cat([chunk.exp() for chunk in chunks]).cpu().numpy()
        return self._reader.carrier.carry(probs, pair), _shared_states(observed.states[:-1], pair)

    def _record(self, row: Encoded, probs: Floats, states: Tensor) -> Record:
        recording = self._reader.recording
        classes, temperature = recording.targets["classes"], recording.temperature
        assert temperature is not None
        top = truncate(probs, row.targets, classes, temperature).top_k
        raw = TopKFormat(recording.vocab, classes, temperature).pack(top)
        return Record(
            torch.cat([encode_layers(states, recording.layer_format), raw]), len(row.targets), row.start
        )


def _shared_states(states: Tensor, pair: Pair) -> Tensor:
    """The teacher's states after the text that both have spelled, at the student's positions; zero where it has not."""
    theirs, mine = pair.openings
    found = states.new_zeros(len(states), len(pair.student.ids), states.shape[-1])
    found[:, mine] = states[:, theirs]
    return found


def collect_aligned(
    teacher: LanguageModel,
    reader: OtherReader,
    folder: Path,
    settings: SignalSettings,
    *,
    precision: torch.dtype = torch.float32,
    progress: Progress = silent,
) -> Collected:
    """Record what a teacher with another tokenizer says, under the student's rows.

    The store is opened like any other, with the fingerprint of the student's tokenizer; the teacher's is part of what
    each record is found by. Targets are the likeliest classes of the student's vocabulary, carried as
    :class:`~stillroom.signals.carry.Carrier` says.

    Args:
        teacher: the model that teaches.
        reader: the student's rows, as :func:`~stillroom.signals.other_reader.other_reader` paired them.
        folder: the store's folder.
        settings: as given to it.
        precision: format of the teacher's matrix products.
        progress: is told the response tokens done.

    Raises:
        SignalError: as :func:`stillroom.signals.collect`.
        StorageError: as :func:`stillroom.signals.collect`.
    """
    observer = AlignedObserver(teacher, reader, precision)
    recorder = Recorder(folder, reader.recording, observer, seal_of(settings.encryption))
    return collect_with(recorder, reader.rows, settings, progress=progress)


class LiveAligned(RecordSource):
    """Asks a teacher with another tokenizer each time, instead of recording it."""

    def __init__(
        self, teacher: LanguageModel, reader: OtherReader, precision: torch.dtype = torch.float32
    ) -> None:
        """Wrap a teacher and the rows that it was paired with."""
        super().__init__(reader.recording, None)
        self._observer = AlignedObserver(teacher, reader, precision)

    def _find(self, rows: Sequence[Encoded]) -> list[Record]:
        return self._observer.records(rows)
