"""One training of whatever learns, from its first step or from a checkpoint."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch

from stillroom.train.allocator import give_back_freed_memory, keep_freed_memory
from stillroom.train.cores import shared_cores
from stillroom.train.curriculum import Lesson
from stillroom.train.engine import Collate, Engine
from stillroom.train.learning import Learning
from stillroom.train.loop import Loop
from stillroom.train.memory import told_when_memory_runs_out
from stillroom.train.passes import tokens_per_pass
from stillroom.train.settings import TrainSettings
from stillroom.train.space import present_bytes, training_bytes
from stillroom.train.trackers import tracked
from stillroom.types import Progress, TrainError
from stillroom.types.files import require_space
from stillroom.types.kernels import keep_few_kernels
from stillroom.types.record import TrainRecord
from stillroom.types.row import Row


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """What a training is of, and where it writes.

    Attributes:
        settings: budget and optimiser.
        seed: order of the rows, and every random draw.
        work: folder of the checkpoints, the best weights and the names of skipped rows.
        key: identifies the run; a checkpoint of another key is refused.
        task: name for progress and trackers.
        progress: is told steps done and their figures.
        logs: folder of the trackers' files.
        whole: recipe keys in use that need every weight in one process.
    """

    settings: TrainSettings
    seed: int
    work: Path
    key: str
    task: str
    progress: Progress
    logs: Path
    whole: Sequence[str] = ()

    def run(
        self,
        learner: Learning,
        collate: Collate,
        rows: Sequence[Row],
        names: Sequence[str],
        validation: Sequence[Row],
        lessons: Sequence[Lesson] = (),
    ) -> TrainRecord:
        """Train a learner in place, going on from a checkpoint if there is one.

        Args:
            learner: the network and its objective.
            collate: makes a batch of rows.
            rows: training rows.
            names: what to call each row in the file of skipped rows; its place by default.
            validation: rows whose losses are measured along the way.
            lessons: which rows are learned from, and until when; all of them always by default.

        Raises:
            TrainError: as :func:`stillroom.train.fit` says.
            StorageError: too little disk space for the checkpoints.
        """
        engine = Engine.prepare(learner, self.settings, self.logs, collate)
        self._refuse_divided(engine)
        if engine.is_main:
            needed = training_bytes(learner, self.settings) - present_bytes(self.work)
            require_space(self.work, needed, f"to train {self.task!r}")
        with tracked(engine.accelerator, self.task, self.settings):
            tokens = tokens_per_pass(engine, (*rows, *validation), self.settings)
            loop = Loop(
                engine, self.settings, tokens_per_pass=tokens, seed=self.seed, work=self.work, key=self.key
            )
            return loop.run(
                rows,
                names or [str(place) for place in range(len(rows))],
                validation,
                lambda done, figures: self.progress(self.task, done, self.settings.steps, figures),
                lessons,
            )

    def _refuse_divided(self, engine: Engine) -> None:
        if engine.original is not None and self.whole:
            raise TrainError(
                f"{self.whole[0]} with weights divided among processes",
                "whole weights in each process",
                "train without --sharding",
            )


@contextmanager
def surroundings(settings: TrainSettings) -> Iterator[None]:
    """Random state, cores and memory of one training; afterwards they are what they were.

    Raises:
        TrainError: memory ran out inside.
    """
    keep_few_kernels()
    keep_freed_memory()
    with ExitStack() as stack:
        stack.enter_context(torch.random.fork_rng(_devices()))
        stack.enter_context(shared_cores())
        stack.enter_context(told_when_memory_runs_out(settings))
        stack.callback(give_back_freed_memory)
        yield


def _devices() -> list[int]:
    """Devices whose random state is put back when training is over."""
    return [torch.cuda.current_device()] if torch.cuda.is_available() else []
