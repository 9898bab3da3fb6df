"""Steps: the same bytes by any number of workers, and after any interruption."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from prepared import DropDigit, DropLargest, raw, read_task, source
from stillroom.data.prepare.account import Account
from stillroom.data.prepare.shards import read_table
from stillroom.data.prepare.stage import AnyStage
from stillroom.data.prepare.steps import Step, forget_rows, read_sources, run_stage
from stillroom.data.prepare.work import Task, apply
from stillroom.data.prepare.workers import Alone, R, T, Workers, local_workers

STAGES: tuple[AnyStage, ...] = (DropDigit("3"), DropLargest())


def prepared(folder: Path, workers: Workers, stages: Sequence[AnyStage] = STAGES) -> list[Step]:
    folder.mkdir(exist_ok=True)
    path = folder.parent / "source"
    path.touch()
    files = [source(name, [raw(n) for n in range(count)], path) for name, count in (("a", 11), ("b", 6))]
    tasks = [read_task(each, folder / "00-read", number) for number, each in enumerate(files)]
    steps = [read_sources(tasks, folder / "00-read", workers)]
    for number, stage in enumerate(stages, start=1):
        steps.append(run_stage(stage, steps[-1], folder / f"{number:02d}-{stage.name}", workers))
    return steps


def content(step: Step) -> list[bytes]:
    return [
        file.read_bytes() for shard in step.shards for file in (shard.rows, shard.dropped) if file.exists()
    ]


def ids(step: Step) -> list[str]:
    return [id for shard in step.shards for id in read_table(shard.rows)["id"].to_pylist()]


def test_rows_go_from_step_to_step(tmp_path: Path) -> None:
    read, digit, largest = prepared(tmp_path / "run", Alone())
    assert (read.account.rows_out, digit.account.rows_out, largest.account.rows_out) == (17, 15, 13)
    assert [len(step.shards) for step in (read, digit, largest)] == [5, 5, 5]
    assert {source: account.dropped["digit"] for source, account in digit.accounts.items()} == {0: 1, 1: 1}
    assert not any(id.endswith(("3", "5")) for id in ids(largest))


def test_a_survey_sees_every_shard(tmp_path: Path) -> None:
    *_, largest = prepared(tmp_path / "run", Alone())
    assert largest.account.dropped == {"digit": 2}  # b/5 is the largest of all identifiers


def test_two_workers_give_the_bytes_of_one(tmp_path: Path) -> None:
    alone = prepared(tmp_path / "one", Alone())
    with local_workers(2) as pool:
        together = prepared(tmp_path / "two", pool)
    assert [content(step) for step in together] == [content(step) for step in alone]
    assert [step.account.counts() for step in together] == [step.account.counts() for step in alone]


class Stops:
    """Works on so many tasks, and then no more."""

    count = 1

    def __init__(self, after: int) -> None:
        self.left = after

    def map(self, work: Callable[[T], R], tasks: Sequence[T]) -> Iterator[R]:
        for task in tasks:
            if not self.left:
                raise KeyboardInterrupt
            self.left -= 1
            yield work(task)


@pytest.mark.parametrize("after", range(0, 17, 2))
def test_an_interrupted_preparation_goes_on_with_the_same_bytes(tmp_path: Path, after: int) -> None:
    whole = prepared(tmp_path / "whole", Alone())
    with pytest.raises(KeyboardInterrupt):
        prepared(tmp_path / "run", Stops(after))
    resumed = prepared(tmp_path / "run", Alone())
    assert [content(step) for step in resumed] == [content(step) for step in whole]
    assert [step.account.counts() for step in resumed] == [step.account.counts() for step in whole]


class Counts(Alone):
    """Notes what it is given to do."""

    def __init__(self) -> None:
        self.tasks = 0

    def map(self, work: Callable[[T], R], tasks: Sequence[T]) -> Iterator[R]:
        self.tasks += len(tasks)
        return super().map(work, tasks)


def test_what_is_done_is_not_done_again(tmp_path: Path) -> None:
    prepared(tmp_path / "run", first := Counts())
    steps = prepared(tmp_path / "run", again := Counts())
    assert (first.tasks, again.tasks) == (2 + 5 + 2 * 5, 0)
    assert steps[-1] == Step.read(steps[-1].folder)


def test_rows_that_a_later_step_has_can_go(tmp_path: Path) -> None:
    read, digit, _ = prepared(tmp_path / "run", Alone())
    forget_rows(read)
    assert not any(shard.rows.exists() for shard in read.shards)
    assert all(shard.dropped.exists() for shard in digit.shards)
    assert ids(prepared(tmp_path / "run", Alone())[-1])


def test_progress_tells_shards_and_rows(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    (read,) = prepared(tmp_path / "run", Alone(), stages=())
    run_stage(
        DropLargest(),
        read,
        tmp_path / "step",
        Alone(),
        lambda task, done, total, figures=None: told.append((task, done, total)),
    )
    assert told[0] == ("drop_largest: survey", 1, 5)
    assert told[-1] == ("drop_largest", 5, 5)


def slow_apply(task: Task) -> Account:
    time.sleep(0.05)
    return apply(task)


def killed_run(folder: Path) -> None:
    import stillroom.data.prepare.steps as steps

    steps.apply = slow_apply  # type: ignore[attr-defined]
    prepared(folder, Alone())


def test_a_process_that_is_killed_leaves_nothing_half_done(tmp_path: Path) -> None:
    whole = prepared(tmp_path / "whole", Alone())
    process = multiprocessing.get_context("fork").Process(target=killed_run, args=(tmp_path / "run",))
    process.start()
    begun = tmp_path / "run" / "01-drop_digit"
    while not list(begun.glob("*-*.json")) and process.is_alive():
        time.sleep(0.01)
    os.kill(process.pid or 0, signal.SIGKILL)
    process.join()
    assert not (begun / "done.json").exists()
    resumed = prepared(tmp_path / "run", Alone())
    assert [content(step) for step in resumed] == [content(step) for step in whole]
