"""What a worker does with one shard. Everything goes through files, so a killed run goes on at the next shard."""

from __future__ import annotations

import pickle
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from stillroom.data.prepare.account import Account
from stillroom.data.prepare.rows import ROW
from stillroom.data.prepare.shards import Shard, read_table, write_table
from stillroom.data.prepare.stage import DROPPED, Outcome
from stillroom.types import DataError, StillroomError
from stillroom.types.files import atomic_file
from stillroom.types.memory import peak_memory_bytes, reset_peak_memory


@dataclass(frozen=True, slots=True)
class Task:
    """One shard's part of a step.

    Attributes:
        stage: file of the pickled stage.
        name: name of the stage.
        rows: the shard that is read.
        to: the shard that is written.
    """

    stage: Path
    name: str
    rows: Shard
    to: Shard


Work = Callable[[Task], Account]


def apply(task: Task) -> Account:
    """Take the rows of a shard through a stage.

    Raises:
        DataError: the stage failed, or does not account for every row.
    """
    with measured() as cost, told(f"stage {task.name!r} on shard {task.rows.name}"):
        rows = read_table(task.rows.rows)
        outcome: Outcome = unpickled(task.stage).apply(rows)
        _require_every_row(task.name, rows, outcome)
        write_table(outcome.rows, task.to.rows)
        write_table(outcome.dropped, task.to.dropped)
    account = Account(
        rows_in=rows.num_rows,
        rows_out=outcome.rows.num_rows,
        changed=outcome.changed,
        dropped=dict(sorted(Counter(outcome.dropped["reason"].to_pylist()).items())),
        facts=dict(outcome.facts),
        **cost,
    )
    account.write(task.to.account)
    return account


def survey(task: Task) -> Account:
    """Note what a stage has to know of a shard."""
    with measured() as cost, told(f"stage {task.name!r} on shard {task.rows.name}"):
        rows = read_table(task.rows.rows)
        pickled(unpickled(task.stage).survey(rows), task.to.survey)
    return Account(rows_in=rows.num_rows, **cost)


def pickled(value: object, path: Path) -> None:
    """Keep a value for the workers, and for a run that goes on."""
    with atomic_file(path) as temporary:
        temporary.write_bytes(pickle.dumps(value))


def unpickled(path: Path) -> Any:
    """Read a stage once in each process."""
    return _unpickled(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _unpickled(path: Path, modified: int) -> Any:
    return read_pickle(path)


def read_pickle(path: Path) -> Any:
    """Read what :func:`pickled` wrote into the run's own private folder."""
    return pickle.loads(path.read_bytes())  # noqa: S301


@contextmanager
def measured() -> Iterator[dict[str, Any]]:
    """Fill in what a piece of work costs, once it is done."""
    cost: dict[str, Any] = {}
    reset_peak_memory()
    start = time.monotonic()
    yield cost
    cost |= {"seconds": time.monotonic() - start, "peak_memory_bytes": peak_memory_bytes()}


@contextmanager
def told(where: str) -> Iterator[None]:
    """Say where an unforeseen error came from, and not what it says: its message may hold text of the corpus.

    Raises:
        DataError: in the place of any error that is not our own.
    """
    try:
        yield
    except (StillroomError, MemoryError):
        raise
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        raise DataError(
            f"{where} failed with {type(error).__name__} ({Path(last.filename).name}:{last.lineno})",
            "a stage that can work on every row",
            "leave the stage out, or report it with these lines",
        ) from None


def _require_every_row(stage: str, rows: pa.Table, outcome: Outcome) -> None:
    """Refuse an outcome in which a row that came neither goes on, nor is cut into parts, nor is listed as left out."""
    if outcome.rows.schema != ROW or outcome.dropped.schema != DROPPED:
        raise _unsound(stage, "a table with other columns", "the columns ROW and DROPPED")
    ids = set(outcome.rows["id"].to_pylist())
    if len(ids) != outcome.rows.num_rows:
        raise _unsound(stage, "an identifier twice", "each row once")
    accounted = ids | {part.rpartition("#")[0] for part in ids} | set(outcome.dropped["id"].to_pylist())
    lost = [row for row in rows["id"].to_pylist() if row not in accounted]
    if lost:
        raise _unsound(
            stage, f"{len(lost)} rows less, the first {lost[0]!r}", "every row, or why it is left out"
        )


def _unsound(stage: str, got: str, expected: str) -> DataError:
    return DataError(f"stage {stage!r} gave back {got}", expected, "correct the stage")
