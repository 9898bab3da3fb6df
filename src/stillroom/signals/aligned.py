"""A teacher that reads with another tokenizer than its student."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from stillroom.data.pairs import Pair, Paired, pair_all
from stillroom.data.spelling import Spelling
from stillroom.data.turns import Turns
from stillroom.data.vocabulary_map import Splitter, VocabularyMap
from stillroom.models.language_model import LanguageModel
from stillroom.signals.carry import Carrier
from stillroom.signals.chunks import log_prob_chunks
from stillroom.signals.collect import Collected, collect_with
from stillroom.signals.content import content_key
from stillroom.signals.observe import Observer
from stillroom.signals.raw import finite
from stillroom.signals.record import Record
from stillroom.signals.recorded import RecordSource
from stillroom.signals.recorder import Recorder
from stillroom.signals.recording import Recording, tokenizer_fingerprint
from stillroom.signals.seal import seal_of
from stillroom.signals.settings import SignalSettings, TopKTargets
from stillroom.signals.top_k import TopKFormat
from stillroom.signals.truncate import truncate
from stillroom.types import Encoded, Example, Progress, SignalError, silent

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

_MOST_UNPAIRED = 0.05


@dataclass(frozen=True, slots=True)
class OtherReader:
    """Rows of a student, and how a teacher with another tokenizer reads the same examples.

    Attributes:
        recording: what is kept of each row.
        carrier: carries the teacher's distributions to the student's positions.
        pairs: by content key of the student's row; None where the two do not read the same.
        paired: the same in the rows' order, with the reasons.
    """

    recording: Recording
    carrier: Carrier
    pairs: Mapping[str, Pair | None]
    paired: Paired


class AlignedObserver(Observer):
    """Shows the teacher its own tokens of an example, and turns what it says into records of the student's row.

    A position about which the teacher says too little, and a row that it does not read, is recorded as its hard label:
    the soft term of such a position equals the hard one.
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
        return [
            self._record(row, pair, None if pair is None else next(said).states[-1])
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

    def _record(self, row: Encoded, pair: Pair | None, states: Tensor | None) -> Record:
        recording = self._reader.recording
        classes, temperature = recording.targets["classes"], recording.temperature
        assert temperature is not None
        if pair is None or states is None:
            probs = np.zeros((len(row.targets), recording.vocab))
        else:
            chunks = log_prob_chunks(finite(states), self.matrix, temperature)
            probs = self._reader.carrier.carry(
                torch.cat([chunk.exp() for chunk in chunks]).cpu().numpy(), pair
            )
        targets = truncate(probs, row.targets, classes, temperature)
        return Record(
            TopKFormat(recording.vocab, classes, temperature).pack(targets.top_k), len(row.targets), row.start
        )


def other_reader(
    teacher: LanguageModel,
    tokenizer: PreTrainedTokenizerFast,
    examples: Sequence[Example],
    rows: Sequence[Encoded],
    settings: SignalSettings,
    *,
    vocab: int,
    temperature: float = 1.0,
) -> OtherReader:
    """Pair examples for a teacher with another tokenizer.

    Args:
        teacher: the model that teaches.
        tokenizer: the student's.
        examples: what the rows were encoded from.
        rows: in the student's tokens.
        settings: targets of kind ``top_k``.
        vocab: classes of the student's output.
        temperature: τ of the loss.

    Raises:
        SignalError: another kind of targets, attention is to be recorded, or more than 1 row in 20 cannot be paired.
        ModelError: a tokenizer that loses bytes.
        DataError: a tokenizer without a chat template.
    """
    targets = _top_k_or_refuse(settings, vocab)
    mine, theirs = Splitter.of(tokenizer), Spelling.of(teacher.tokenizer)
    window = teacher.network.config.max_position_embeddings
    paired = pair_all(examples, rows, mine.spelling, theirs, teacher.tokenizer, window=window)
    _enough_or_refuse(paired)
    ends = {Turns.of(teacher.tokenizer).end, teacher.tokenizer.eos_token_id} - {None}
    table = VocabularyMap.between(theirs, mine, ends=ends, end=Turns.of(tokenizer).end)
    recording = Recording(
        teacher=teacher.fingerprint(),
        tokenizer=tokenizer_fingerprint(tokenizer),
        width=teacher.network.config.hidden_size,
        vocab=vocab,
        targets={**targets.model_dump(), "teacher_tokenizer": tokenizer_fingerprint(teacher.tokenizer)},
        temperature=temperature,
        seed=None,
        layers=(),
        layer_format=settings.layer_format,
    )
    pairs = {content_key(row): pair for row, pair in zip(rows, paired.pairs, strict=True)}
    return OtherReader(recording, Carrier(theirs, mine, table, vocab), pairs, paired)


def collect_aligned(
    teacher: LanguageModel,
    reader: OtherReader,
    rows: Sequence[Encoded],
    folder: Path,
    settings: SignalSettings,
    *,
    precision: torch.dtype = torch.float32,
    progress: Progress = silent,
) -> Collected:
    """Record what a teacher with another tokenizer says, under the student's rows.

    The store is opened like any other, with the fingerprint of the student's tokenizer; the teacher's is part of what
    each record is found by. Targets are the likeliest classes of the student's vocabulary, as :class:`Carrier` says.

    Args:
        teacher: the model that teaches.
        reader: made by :func:`other_reader` from these rows.
        rows: the student's rows.
        folder: the store's folder.
        settings: as given to :func:`other_reader`.
        precision: format of the teacher's matrix products.
        progress: is told the response tokens done.

    Raises:
        SignalError: as :func:`stillroom.signals.collect`.
        StorageError: as :func:`stillroom.signals.collect`.
    """
    observer = AlignedObserver(teacher, reader, precision)
    recorder = Recorder(folder, reader.recording, observer, seal_of(settings.encryption))
    return collect_with(recorder, rows, settings, progress=progress)


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


def _top_k_or_refuse(settings: SignalSettings, vocab: int) -> TopKTargets:
    targets = settings.targets
    if not isinstance(targets, TopKTargets) or settings.attention is not None:
        raise SignalError(
            f"signals.targets.kind is {targets.kind!r}, attention {'kept' if settings.attention else 'not kept'}, and "
            "the teacher has another tokenizer than the student",
            "kind 'top_k' and no attention: the teacher's states and maps lie at other positions",
            "set signals.targets to {kind: top_k, classes: 64} and signals.attention to null",
        )
    if targets.classes >= vocab:
        raise SignalError(
            f"signals.targets.classes is {targets.classes}",
            f"at most {vocab - 1}, one less than the student's vocabulary",
            "lower it",
        )
    return targets


def _enough_or_refuse(paired: Paired) -> None:
    lost, rows = paired.troubles.total(), len(paired.pairs)
    if lost > _MOST_UNPAIRED * rows:
        reasons = ", ".join(f"{reason}: {count}" for reason, count in sorted(paired.troubles.items()))
        raise SignalError(
            f"the teacher cannot read {lost} of {rows} rows as the student does ({reasons})",
            f"at most {_MOST_UNPAIRED:.0%} of them",
            "choose a teacher whose tokenizer keeps the text, or shorter examples",
        )
