"""The steps of a preparation: reading, then a folder of shards for each stage; what is done is not done again."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from stillroom.data.prepare.account import Account
from stillroom.data.prepare.reading import ReadTask, read
from stillroom.data.prepare.shards import Shard, moved, shard_name
from stillroom.data.prepare.stage import AnyStage, Stage
from stillroom.data.prepare.work import Task, apply, pickled, read_pickle, survey
from stillroom.data.prepare.workers import Workers
from stillroom.types import Progress, silent
from stillroom.types.files import PRIVATE_DIR_MODE, write_json

READ = "read"
_DONE, _STAGE, _SURVEYOR = "done.json", "stage.pickle", "surveyor.pickle"
T = TypeVar("T")


@dataclass(frozen=True)
class Step:
    """A step that is done.

    Attributes:
        name: ``read``, or the name of a stage.
        folder: where its files lie.
        shards: what it made.
        accounts: what became of the rows of each source, by the source's number.
        seconds: wall time of the process that finished it; less than all where it was resumed.
    """

    name: str
    folder: Path
    shards: tuple[Shard, ...]
    accounts: Mapping[int, Account]
    seconds: float

    @property
    def account(self) -> Account:
        """What became of all rows."""
        return sum(self.accounts.values(), Account())

    @classmethod
    def read(cls, folder: Path) -> Step | None:
        """Find a step that an earlier process finished."""
        if not (folder / _DONE).is_file():
            return None
        told = json.loads((folder / _DONE).read_text(encoding="utf-8"))
        return cls(
            told["name"],
            folder,
            tuple(Shard(folder, name) for name in told["shards"]),
            {int(source): Account(**account) for source, account in told["accounts"].items()},
            told["seconds"],
        )

    def write(self) -> None:
        """Say that the step is done."""
        told: dict[str, Any] = {
            "name": self.name,
            "shards": [shard.name for shard in self.shards],
            "accounts": {source: vars(account) for source, account in self.accounts.items()},
            "seconds": self.seconds,
        }
        write_json(self.folder / _DONE, told)


def read_sources(
    tasks: Sequence[ReadTask], folder: Path, workers: Workers, progress: Progress = silent
) -> Step:
    """Read every source into shards, one process a source.

    Raises:
        DataError: a source cannot be read, or too much of it is malformed.
    """
    if done := Step.read(folder):
        return done
    start = time.monotonic()
    _make(folder)
    _each(read, tasks, lambda task: task.shard_count, workers, progress, READ)
    shards = [Shard(folder, shard_name(task.number, n)) for task in tasks for n in range(_count(task))]
    accounts = {task.number: Account.read(Shard(folder, f"{task.number:03d}").account) for task in tasks}
    return _finished(Step(READ, folder, tuple(shards), accounts, time.monotonic() - start))


def run_stage(
    stage: AnyStage, before: Step, folder: Path, workers: Workers, progress: Progress = silent
) -> Step:
    """Take every shard of a step through a stage, shard by shard.

    Shards that an earlier process finished are not made again, and the result is the same: it depends on no order.

    Raises:
        DataError: the stage failed on a shard, or lost a row.
    """
    if done := Step.read(folder):
        return done
    start = time.monotonic()
    _make(folder)
    shards = moved(before.shards, folder)
    decided = _decided(stage, before, folder, workers, progress)
    tasks = [Task(decided, stage.name, *pair) for pair in zip(before.shards, shards, strict=True)]
    _each(apply, tasks, lambda task: task.to.account, workers, progress, stage.name)
    accounts: dict[int, Account] = {}
    for shard in shards:
        accounts[shard.source] = accounts.get(shard.source, Account()) + Account.read(shard.account)
    return _finished(Step(stage.name, folder, tuple(shards), accounts, time.monotonic() - start))


def forget_rows(step: Step) -> None:
    """Remove the rows of a step that a later one has taken up; what it left out, and its accounts, stay."""
    for shard in step.shards:
        shard.rows.unlink(missing_ok=True)


def _decided(stage: AnyStage, before: Step, folder: Path, workers: Workers, progress: Progress) -> Path:
    """The file of the stage that works on each shard; where it has to survey all of them, it does so first."""
    file = folder / _STAGE
    if file.exists():
        return file
    if isinstance(stage, Stage):
        pickled(stage, file)
        return file
    surveyor = folder / _SURVEYOR
    pickled(stage, surveyor)
    shards = moved(before.shards, folder)
    tasks = [Task(surveyor, stage.name, *pair) for pair in zip(before.shards, shards, strict=True)]
    _each(survey, tasks, lambda task: task.to.survey, workers, progress, f"{stage.name}: survey")
    decided = stage.decide(read_pickle(shard.survey) for shard in shards)
    pickled(decided, file)
    for shard in shards:
        shard.survey.unlink()
    return file


def _each(
    work: Callable[[T], Account],
    tasks: Sequence[T],
    result: Callable[[T], Path],
    workers: Workers,
    progress: Progress,
    name: str,
) -> None:
    """Do the tasks whose result is not there yet."""
    todo = [task for task in tasks if not result(task).exists()]
    start, total = time.monotonic(), Account()
    for done, account in enumerate(workers.map(work, todo), start=len(tasks) - len(todo) + 1):
        total += account
        speed = total.rows_in / (time.monotonic() - start)
        left_out = sum(total.dropped.values())
        progress(name, done, len(tasks), {"rows_per_second": speed, "left_out": left_out})


def _count(task: ReadTask) -> int:
    return int(json.loads(task.shard_count.read_text(encoding="utf-8")))


def _make(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=PRIVATE_DIR_MODE)


def _finished(step: Step) -> Step:
    step.write()
    return step
