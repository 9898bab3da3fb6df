"""Every raw row becomes a row or is listed with a reason; a source that changes meanwhile is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from prepared import ABOUT, LOOSE, raw, read_task, source
from stillroom.data.prepare.adapter import Adapter, Malformed, RawRow
from stillroom.data.prepare.reading import ReadTask, SourceFiles, read
from stillroom.data.prepare.shards import Shard, read_table, shard_name
from stillroom.types import DataError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "source.jsonl"
    file.write_text("{}\n")
    return file


def ids(task: ReadTask) -> list[list[str]]:
    count = json.loads(task.shard_count.read_text())
    shards = [Shard(task.folder, shard_name(task.number, n)) for n in range(count)]
    return [read_table(shard.rows)["id"].to_pylist() for shard in shards]


def test_rows_fill_shards_in_order(path: Path, tmp_path: Path) -> None:
    task = read_task(source("mine", [raw(n) for n in range(6)], path), tmp_path / "out")
    account = read(task)
    assert ids(task) == [["mine/0", "mine/1", "mine/2", "mine/3"], ["mine/4", "mine/5"]]
    assert (account.rows_in, account.rows_out, account.dropped) == (6, 6, {})


def test_long_rows_fill_a_shard_sooner(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stillroom.data.prepare.shards._CHARACTERS_PER_SHARD", 300)
    task = read_task(source("mine", [raw(n, context="x" * 200) for n in range(4)], path), tmp_path / "out")
    read(task)
    assert [len(shard) for shard in ids(task)] == [2, 2]


def test_bad_rows_are_listed_and_the_rest_goes_on(path: Path, tmp_path: Path) -> None:
    rows = [raw(1), Malformed("a:2", "no JSON"), raw(3, response=float("nan")), raw(1), raw(4, options=["x"])]
    task = read_task(source("mine", rows, path), tmp_path / "out", limit=LOOSE)
    account = read(task)
    assert ids(task) == [["mine/1"]]
    assert (account.rows_in, account.rows_out) == (5, 1)
    listed = [
        json.loads(line) for line in (tmp_path / "out" / "000.quarantine.jsonl").read_text().splitlines()
    ]
    assert [(line["where"], line["reason"]) for line in listed] == [
        ("a:2", "no JSON"),
        ("row 3", "response is not text but float"),
        ("row 4", "an identifier again"),
        ("row 5", "the response is none of the options"),
    ]
    assert sum(account.dropped.values()) == 4


def test_of_a_benchmark_everything_is_a_test_item(path: Path, tmp_path: Path) -> None:
    task = read_task(source("mine", [raw(1, split="train")], path, use="benchmark"), tmp_path / "out")
    read(task)
    rows = read_table(Shard(task.folder, "000-000000").rows)
    assert (rows["benchmark"].to_pylist(), rows["split"].to_pylist()) == ([True], ["test"])


def test_a_source_without_rows_is_refused(path: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="a source without rows"):
        read(read_task(source("mine", [], path), tmp_path / "out"))


def test_a_source_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"is not there .*corpus\.sources\.mine=null"):
        read(read_task(source("mine", [raw(1)], tmp_path / "gone"), tmp_path / "out"))


def reading_while(path: Path, happens: str) -> SourceFiles:
    def rows(path: Path) -> Iterator[RawRow]:
        yield raw(1)
        if happens == "vanishes":
            path.unlink()
        elif happens == "grows":
            path.write_text("{}\n{}\n")
        else:
            raise EOFError("cut")
        yield raw(2)

    return SourceFiles("mine", Adapter("mine", ABOUT, "", "open", frozenset(), rows), path, "learn")


@pytest.mark.parametrize(
    ("happens", "said"),
    [("vanishes", "is not there"), ("grows", "changed while it was read"), ("is cut", "beyond row 1")],
)
def test_a_source_that_does_not_stay_is_refused(path: Path, tmp_path: Path, happens: str, said: str) -> None:
    task = read_task(reading_while(path, happens), tmp_path / "out")
    with pytest.raises(DataError, match=said):
        read(task)
    assert not task.shard_count.exists()


def test_an_unforeseen_error_is_told_without_its_text(path: Path, tmp_path: Path) -> None:
    def rows(path: Path) -> Iterator[RawRow]:
        yield raw(1)
        raise LookupError("Mrs Jones, born 1931")

    files = SourceFiles("mine", Adapter("mine", ABOUT, "", "open", frozenset(), rows), path, "learn")
    with pytest.raises(DataError, match="source 'mine' failed with LookupError") as error:
        read(read_task(files, tmp_path / "out"))
    assert "Jones" not in str(error.value)
