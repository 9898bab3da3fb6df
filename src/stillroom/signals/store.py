"""The teacher's knowledge on disk: recorded once, for every epoch, student and sweep.

A store is a folder of shards, an index that proves them, and, for hidden targets, the teacher's output matrix. Files
are readable by their owner alone. Records are read from memory-mapped files when a batch asks for them; the store is
never in memory as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from safetensors.torch import load_file
from torch import Tensor

from stillroom.signals.index import Index, read_index, short
from stillroom.signals.record import Record
from stillroom.signals.recorded import RecordSource
from stillroom.signals.recording import record_key
from stillroom.signals.seal import same_key_or_refuse, seal_of
from stillroom.signals.settings import EncryptionSettings
from stillroom.signals.shard import Shard
from stillroom.types import Encoded, SignalError

MATRIX_FILE, MATRIX = "output_matrix.safetensors", "output_matrix"


class SignalStore(RecordSource):
    """Recorded signals of one teacher, as a source of a student's targets.

    A pickled store is the address of its files: a process that unpickles it maps them, and finds the key, for itself.
    """

    def __init__(self, folder: Path, index: Index, encryption: EncryptionSettings | None) -> None:
        """Map the files of an index that was checked; :meth:`open` checks it."""
        self._address = folder.absolute(), index, encryption
        matrix: Tensor | None = load_file(folder / index.matrix.file)[MATRIX] if index.matrix else None
        super().__init__(index.recording, matrix)
        self._seal = seal_of(encryption)
        self._fingerprint = index.recording.fingerprint
        self._shards = tuple(Shard(folder / stored.file) for stored in index.shards)
        self._places = dict(_places(self._shards))

    @classmethod
    def open(
        cls,
        folder: Path,
        teacher: str,
        *,
        tokenizer: str | None = None,
        temperature: float | None = None,
        encryption: EncryptionSettings | None = None,
    ) -> SignalStore:
        """Check every file and map it into memory.

        Every byte is hashed here, once, so that damage is told before a training begins and not in its middle; that
        takes a second for every one or two gigabytes.

        Args:
            folder: what :func:`stillroom.signals.collect` wrote.
            teacher: fingerprint of the teacher's weights.
            tokenizer: fingerprint of the vocabulary; not compared if None.
            temperature: τ of the loss. Hidden targets serve any; the others must have been recorded at it. If None,
                the loss itself refuses another one.
            encryption: where the key is, for an encrypted store.

        Raises:
            SignalError: there are no signals, or they come from another teacher, tokenizer or temperature, or the key
                is not theirs.
            StorageError: a file is missing, cut short or changed; names it.
        """
        index = read_index(folder)
        if index is None:
            raise SignalError(
                f"{folder} holds no signals", "a finished collection", "collect the signals first"
            )
        _refuse_others(
            folder, index, {"teacher": teacher, "tokenizer": tokenizer, "temperature": temperature}
        )
        same_key_or_refuse(folder, index.key_check, seal_of(encryption))
        index.check_files(folder)
        return cls(folder, index, encryption)

    def __reduce__(self) -> tuple[type[SignalStore], tuple[object, ...]]:
        """Say where the files are."""
        return SignalStore, self._address

    def __len__(self) -> int:
        """Count the rows."""
        return len(self._places)

    def _find(self, rows: Sequence[Encoded]) -> list[Record]:
        return [self._record(row) for row in rows]

    def _record(self, row: Encoded) -> Record:
        name = self._seal.name(record_key(self._fingerprint, row))
        place = self._places.get(name)
        if place is None:
            raise SignalError(
                "a row has no recorded signal",
                f"the tokens of one of the {len(self)} rows that the teacher was shown",
                "collect the signals again for this corpus, tokenizer and teacher",
            )
        raw = self._shards[place[0]].read(place[1])
        return Record(self._seal.open(raw, name), len(row.targets), row.start)


def _places(shards: Sequence[Shard]) -> Iterator[tuple[bytes, tuple[int, int]]]:
    for number, shard in enumerate(shards):
        for index, name in enumerate(shard.names):
            yield name, (number, index)


def _refuse_others(folder: Path, index: Index, wanted: Mapping[str, str | float | None]) -> None:
    """Refuse a store of another teacher, tokenizer or temperature; None on either side stands for any."""
    for name, value in wanted.items():
        found = getattr(index.recording, name)
        if None not in (found, value) and found != value:
            raise SignalError(
                f"{folder} was recorded from {name} {short(found)}"
                if name != "temperature"
                else f"{folder} was recorded at temperature {found:g}",
                f"{name} {short(value)}",
                f"collect the signals again with this {name}",
            )
