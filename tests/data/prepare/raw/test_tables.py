"""Rows of CSV, Parquet and Arrow files; a bad one is left out and the next is read."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stillroom.data.prepare.raw.record import TOO_LONG, Record, Records
from stillroom.data.prepare.raw.tables import arrow_rows, csv_rows, parquet_rows, tsv_rows


def told(records: Records) -> list[object]:
    return [dict(row.data) if isinstance(row, Record) else row.reason for row in records]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "a.csv"


def test_cells_may_hold_commas_quotes_and_lines(file: Path) -> None:
    file.write_text('q,a\n"one, ""two""\nthree",yes\n')
    assert told(csv_rows(file)) == [{"q": 'one, "two"\nthree', "a": "yes"}]


def test_names_can_be_given_where_the_file_has_none(file: Path) -> None:
    file.write_text("why,because\n")
    assert told(csv_rows(file, ["q", "a"])) == [{"q": "why", "a": "because"}]


def test_wrong_columns_are_counted(file: Path) -> None:
    file.write_text("q,a\n1\n1,2,3\n1,2\n")
    assert told(csv_rows(file)) == ["1 cells, expected 2", "3 cells, expected 2", {"q": "1", "a": "2"}]


def test_a_line_of_another_encoding_is_left_out(file: Path) -> None:
    file.write_bytes("q,a\né,1\n".encode() + "é,2\n".encode("latin-1") + b"e,3\n")
    assert told(csv_rows(file)) == [{"q": "é", "a": "1"}, "not UTF-8", {"q": "e", "a": "3"}]


def test_a_cell_of_ten_megabytes_is_left_out(file: Path) -> None:
    file.write_text("q,a\n" + "x" * 10_000_000 + ",1\n2,3\n")
    assert told(csv_rows(file)) == [TOO_LONG, {"q": "2", "a": "3"}]


def test_a_quote_that_never_ends_does_not_hang(file: Path) -> None:
    file.write_text('q,a\n"open,1\n2,3\n')
    assert all(not isinstance(row, dict) or row.keys() == {"q", "a"} for row in told(csv_rows(file)))


def test_an_empty_file_is_told(file: Path) -> None:
    file.touch()
    assert told(csv_rows(file)) == ["an empty file"]


def test_tabs_apart(file: Path) -> None:
    file.write_text("q\ta\nwhy, so\tyes\n")
    assert told(tsv_rows(file)) == [{"q": "why, so", "a": "yes"}]


def test_parquet_and_arrow_read_alike(tmp_path: Path) -> None:
    rows = [
        {"q": "why", "a": 1.5, "o": ["x"]},
        {"q": "x" * 5_000_000, "a": 0.0, "o": []},
        {"q": None, "a": 2.0, "o": None},
    ]
    table = pa.Table.from_pylist(rows)
    pq.write_table(table, tmp_path / "a.parquet")
    with pa.OSFile(str(tmp_path / "a.arrow"), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    expected = [rows[0], TOO_LONG, rows[2]]
    assert told(parquet_rows(tmp_path / "a.parquet")) == expected
    assert told(arrow_rows(tmp_path / "a.arrow")) == expected


@pytest.mark.parametrize("read", [parquet_rows, arrow_rows])
def test_a_file_that_is_no_table_is_told(tmp_path: Path, read: object) -> None:
    file = tmp_path / "a.bin"
    file.write_bytes(b"no table at all")
    (reason,) = told(read(file))  # type: ignore[operator]
    assert str(reason).startswith("the file cannot be read on (")
