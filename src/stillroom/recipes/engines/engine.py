"""What an engine does for a run, and the one that does it in this process."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from transformers import PreTrainedTokenizerFast

from stillroom import data
from stillroom.data.prepare.workers import Workers, local_workers
from stillroom.models import LanguageModel
from stillroom.signals.collect import Spread
from stillroom.signals.source import SignalSource
from stillroom.train import ObjectiveSettings, TrainSettings, fit
from stillroom.train.curriculum import Lesson
from stillroom.types import Encoded, Example, Progress
from stillroom.types.cores import cores
from stillroom.types.record import TrainRecord


@dataclass(frozen=True, slots=True)
class Training:
    """One training: those arguments of :func:`stillroom.train.fit` that are the same in every process.

    Attributes:
        rows: encoded training rows.
        validation: rows whose losses are measured along the way.
        names: what to call each training row.
        settings: budget and optimiser.
        objective: what is minimised.
        signals: the teacher's knowledge; None where the objective needs none.
        seed: order of the rows, and every random draw.
        key: identifies recipe, data and teacher.
        task: name for progress and trackers.
        lessons: which rows are learned from, and until when; all of them always by default.
        peer: a second student, which is trained too.
    """

    rows: Sequence[Encoded]
    validation: Sequence[Encoded]
    names: Sequence[str]
    settings: TrainSettings
    objective: ObjectiveSettings
    signals: SignalSource | Sequence[SignalSource] | None
    seed: int
    key: str
    task: str
    lessons: Sequence[Lesson] = ()
    peer: LanguageModel | None = None

    def run(self, model: LanguageModel, work: Path, logs: Path, progress: Progress) -> TrainRecord:
        """Train the model in place, in this process."""
        return fit(
            model,
            self.rows,
            self.settings,
            seed=self.seed,
            work=work,
            key=self.key,
            objective=self.objective,
            signals=self.signals,
            validation=self.validation,
            task=self.task,
            progress=progress,
            logs=logs,
            names=self.names,
            lessons=self.lessons,
            peer=self.peer,
        )


class Engine(Protocol):
    """Where the work of a stage is done. Results are the same everywhere."""

    def encode(
        self, examples: Sequence[Example], tokenizer: PreTrainedTokenizerFast, max_tokens: int
    ) -> data.EncodedExamples:
        """Do what :func:`stillroom.data.encode_all` does."""

    def workers(self, folder: Path) -> AbstractContextManager[Workers]:
        """Who prepares a corpus, shard by shard, in this folder."""

    def spread(self, teacher: Path, store: Path) -> Spread | None:
        """How others make the shards of a store, each with the teacher of this folder; None for this process."""

    def fit(
        self, model: LanguageModel, training: Training, work: Path, logs: Path, progress: Progress
    ) -> TrainRecord:
        """Train the model in place. ``work`` keeps the checkpoints, ``logs`` what trackers write."""


class LocalEngine:
    """This process, and those that a launcher started beside it.

    Args:
        processes: how many processes prepare a corpus; None for one on each core.
    """

    def __init__(self, processes: int | None = None) -> None:
        self._processes = processes

    def encode(
        self, examples: Sequence[Example], tokenizer: PreTrainedTokenizerFast, max_tokens: int
    ) -> data.EncodedExamples:
        """Encode here."""
        return data.encode_all(examples, tokenizer, max_tokens)

    def workers(self, folder: Path) -> AbstractContextManager[Workers]:
        """Start them beside this process."""
        return local_workers(self._processes or cores())

    def spread(self, teacher: Path, store: Path) -> None:
        """Make the shards here."""

    def fit(
        self, model: LanguageModel, training: Training, work: Path, logs: Path, progress: Progress
    ) -> TrainRecord:
        """Train here."""
        return training.run(model, work, logs, progress)
