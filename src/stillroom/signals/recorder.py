"""A teacher that writes shards: the part of a collection that many processes can share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import torch

from stillroom.models.language_model import LanguageModel
from stillroom.signals.index import StoredFile
from stillroom.signals.observe import Observer
from stillroom.signals.pace import Pace
from stillroom.signals.plan import Named, passes, tokens_of
from stillroom.signals.record import Record
from stillroom.signals.recording import Recording, record_key
from stillroom.signals.seal import Seal, seal_of
from stillroom.signals.settings import SignalSettings
from stillroom.signals.shard import finished_shard, plan_name, write_shard
from stillroom.types import Encoded


@dataclass(frozen=True, slots=True)
class Recorder:
    """Makes the shards of one recording in one folder.

    Attributes:
        folder: the store's folder.
        recording: what every record holds.
        observer: asks the teacher.
        seal: how records lie in a shard.
    """

    folder: Path
    recording: Recording
    observer: Observer
    seal: Seal

    @classmethod
    def of(
        cls,
        teacher: LanguageModel,
        *,
        folder: Path,
        settings: SignalSettings,
        layers: tuple[int, ...],
        temperature: float,
        seed: int,
        precision: torch.dtype,
    ) -> Self:
        """Let a teacher record; the arguments are those of :func:`stillroom.signals.collect`."""
        recording = Recording.of(teacher, settings, layers=layers, temperature=temperature, seed=seed)
        observer = Observer(teacher, recording, precision)
        return cls(folder, recording, observer, seal_of(settings.encryption))

    def plan(self, rows: Sequence[Encoded]) -> str:
        """Name the shard that these rows will be, whoever makes it."""
        return self._plan([name for name, _ in self._named(rows)])

    def shard(self, rows: Sequence[Encoded], pace: Pace) -> StoredFile:
        """Make one shard, or take the one that an earlier process finished.

        Raises:
            SignalError: a hidden state is not finite, or too large for its format.
            StorageError: the disk is full or the folder is not writable.
        """
        part = self._named(rows)
        names = [name for name, _ in part]
        plan = self._plan(names)
        path = finished_shard(self.folder, plan)
        if path is None:
            records = [record for batch in passes(part) for record in self._records(batch, pace)]
            path = write_shard(self.folder, plan, names, records)
        else:
            pace.skip(tokens_of(part))
        return StoredFile.measure(path, len(part), tokens_of(part))

    def _records(self, batch: Sequence[Named], pace: Pace) -> list[Record]:
        found = self.observer.records([row for _, row in batch])
        pace.add(sum(record.tokens for record in found))
        return [
            replace(record, raw=self.seal.close(record.raw, name))
            for (name, _), record in zip(batch, found, strict=True)
        ]

    def _plan(self, names: Sequence[bytes]) -> str:
        return plan_name(self.recording.fingerprint, self.seal.check, names)

    def _named(self, rows: Sequence[Encoded]) -> list[Named]:
        fingerprint = self.recording.fingerprint
        return [(self.seal.name(record_key(fingerprint, row)), row) for row in rows]
