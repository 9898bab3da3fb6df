"""Who works on the shards: this process, or a pool of others beside it."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Protocol, TypeVar

from stillroom.types import DataError

T = TypeVar("T")
R = TypeVar("R")
_WAITING_PER_WORKER = 2


class Workers(Protocol):
    """Does the same piece of work on many shards. Results are files; their order does not matter."""

    @property
    def count(self) -> int:
        """How many work at a time."""

    def map(self, work: Callable[[T], R], tasks: Sequence[T]) -> Iterator[R]:
        """Do the work on every task, and give each result when it is there."""


class Alone:
    """This process."""

    count = 1

    def map(self, work: Callable[[T], R], tasks: Sequence[T]) -> Iterator[R]:
        """Work on one task after the other."""
        yield from map(work, tasks)


class Pool:
    """Processes beside this one, started anew rather than forked: threads and locks of this one are not theirs."""

    def __init__(self, executor: ProcessPoolExecutor, count: int) -> None:
        """Take the processes of an executor."""
        self.count = count
        self._executor = executor

    def map(self, work: Callable[[T], R], tasks: Sequence[T]) -> Iterator[R]:
        """Hand out tasks as processes become free; the first error ends it.

        Raises:
            DataError: a process was lost.
        """
        waiting: set[Future[R]] = set()
        left = iter(tasks)
        try:
            while True:
                for task in left:
                    waiting.add(self._executor.submit(work, task))
                    if len(waiting) >= _WAITING_PER_WORKER * self.count:
                        break
                if not waiting:
                    return
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    yield future.result()
        except BrokenProcessPool as error:
            raise DataError(
                "a process that prepared rows was lost",
                "processes that live until their shard is done; the kernel ends one where memory runs out",
                "lower engine.workers; shards that are done are kept, run the same command again to go on",
            ) from error
        finally:
            for future in waiting:
                future.cancel()


@contextmanager
def local_workers(count: int) -> Iterator[Workers]:
    """Start so many processes, and end them with the context; one is this process itself."""
    if count == 1:
        yield Alone()
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, mp_context=context) as executor:
        try:
            yield Pool(executor, count)
        except BaseException:
            executor.shutdown(wait=False, cancel_futures=True)
            raise
