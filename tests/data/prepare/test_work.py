"""A stage accounts for every row; one that does not is refused by name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pytest

from prepared import DropDigit, made_rows, raw
from stillroom.data.prepare.account import Account
from stillroom.data.prepare.shards import Shard, read_table, write_table
from stillroom.data.prepare.stage import Outcome, Stage
from stillroom.data.prepare.work import Task, apply, pickled
from stillroom.types import DataError


def task_for(stage: Stage, folder: Path) -> Task:
    rows, to = Shard(folder / "in", "000-000000"), Shard(folder / "out", "000-000000")
    write_table(made_rows(*(raw(n) for n in range(10))), rows.rows)
    pickled(stage, folder / "stage.pickle")
    return Task(folder / "stage.pickle", stage.name, rows, to)


def test_rows_that_go_on_and_those_left_out_are_written(tmp_path: Path) -> None:
    task = task_for(DropDigit("3"), tmp_path)
    account = apply(task)
    assert account.counts() == {
        "rows_in": 10,
        "rows_out": 9,
        "changed": 9,
        "dropped": {"digit": 1},
        "facts": {"seen": 10},
    }
    assert read_table(task.to.dropped).to_pylist() == [{"id": "3", "reason": "digit", "because_of": ""}]
    assert read_table(task.to.rows)["prompt"][0].as_py() == "WHAT IS 0?"
    assert Account.read(task.to.account) == account
    assert account.peak_memory_bytes > 0


def test_equal_rows_give_equal_bytes(tmp_path: Path) -> None:
    tasks = [task_for(DropDigit("3"), tmp_path / name) for name in "ab"]
    for task in tasks:
        apply(task)
    one, other = (task.to.rows.read_bytes() for task in tasks)
    assert one == other


@dataclass(frozen=True)
class Broken:
    how: str
    name: str = "broken"

    def apply(self, rows: pa.Table) -> Outcome:
        if self.how == "loses":
            return Outcome(rows.slice(1))
        if self.how == "repeats":
            return Outcome(pa.concat_tables([rows, rows.slice(0, 1)]))
        if self.how == "widens":
            return Outcome(rows.append_column("more", pa.array([1] * rows.num_rows)))
        raise ValueError(rows["prompt"][0].as_py())


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("loses", "'broken' gave back 1 rows less, the first '0'"),
        ("repeats", "'broken' gave back an identifier twice"),
        ("widens", "'broken' gave back a table with other columns"),
        ("fails", "'broken' on shard 000-000000 failed with ValueError"),
    ],
)
def test_a_stage_that_does_not_account_for_its_rows_is_refused(tmp_path: Path, how: str, said: str) -> None:
    task = task_for(Broken(how), tmp_path)
    with pytest.raises(DataError, match=said) as error:
        apply(task)
    assert "What is" not in str(error.value)
    assert not task.to.account.exists()


def test_parts_of_a_row_account_for_it(tmp_path: Path) -> None:
    task = task_for(Cut(), tmp_path)
    assert apply(task).rows_out == 20


@dataclass(frozen=True)
class Cut:
    name: str = "cut"

    def apply(self, rows: pa.Table) -> Outcome:
        parts = [raw(f"{id}#{part}") for id in rows["id"].to_pylist() for part in (1, 2)]
        return Outcome(made_rows(*parts))


def test_a_stage_that_changed_is_read_again(tmp_path: Path) -> None:
    task = task_for(DropDigit("3"), tmp_path)
    apply(task)
    pickled(DropDigit("4"), task.stage)
    again = replace(task, to=Shard(tmp_path / "again", task.to.name))
    apply(again)
    assert read_table(again.to.dropped)["id"].to_pylist() == ["4"]
