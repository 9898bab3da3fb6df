"""Lines come one by one, and what is wrong with one says nothing of the others."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from stillroom.data.prepare.adapter import Malformed
from stillroom.data.prepare.raw.lines import json_lines, text_lines
from stillroom.data.prepare.raw.record import LONGEST_ROW_BYTES, TOO_LONG, Record


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "a.jsonl"


def reasons(path: Path) -> list[tuple[str, str]]:
    return [(row.where, row.reason) for row in json_lines(path) if isinstance(row, Malformed)]


def numbers(path: Path) -> list[int]:
    return [row.number for row in json_lines(path) if isinstance(row, Record)]


def test_blank_lines_count_but_make_no_record(file: Path) -> None:
    file.write_text('{"a": 1}\n\n{"a": 2}')
    assert numbers(file) == [1, 3]


def test_broken_json_is_named_with_its_line(file: Path) -> None:
    file.write_text('{"a": 1}\n{"a": \n[1]\n{"a": 2}\n')
    assert reasons(file) == [("a.jsonl:2", "no JSON"), ("a.jsonl:3", "no JSON object")]
    assert numbers(file) == [1, 4]


def test_deep_nesting_is_no_json(file: Path) -> None:
    file.write_text("[" * 200_000 + "\n" + '{"a": 1}\n')
    assert reasons(file) == [("a.jsonl:1", "no JSON")]
    assert numbers(file) == [2]


def test_mixed_encodings_are_not_guessed(file: Path) -> None:
    file.write_bytes('{"a": "é"}\n'.encode() + '{"a": "é"}\n'.encode("latin-1") + b'{"a": "e"}\n')
    assert reasons(file) == [("a.jsonl:2", "not UTF-8")]
    assert numbers(file) == [1, 3]


def test_a_byte_order_mark_is_passed_over(file: Path) -> None:
    file.write_bytes(b'\xef\xbb\xbf{"a": 1}\n')
    assert numbers(file) == [1]


def test_a_row_of_ten_megabytes_is_left_out_and_the_next_is_read(file: Path) -> None:
    file.write_text('{"a": "' + "x" * 10_000_000 + '"}\n{"a": 2}\n')
    assert reasons(file) == [("a.jsonl:1", TOO_LONG)]
    assert numbers(file) == [2]


def test_the_longest_row_is_still_read(file: Path) -> None:
    file.write_text("x" * (LONGEST_ROW_BYTES - 1) + "\nnext\n")
    assert [len(line) for _, line in text_lines(file) if isinstance(line, str)] == [LONGEST_ROW_BYTES, 5]


def test_an_empty_file_is_told(file: Path) -> None:
    file.touch()
    assert reasons(file) == [("a.jsonl:1", "an empty file")]


def test_a_file_that_is_gone_is_told(file: Path) -> None:
    assert reasons(file) == [("a.jsonl:1", "the file cannot be read on (FileNotFoundError)")]


def test_gzip_is_seen_by_its_content_and_named_without_its_ending(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl.gz"
    file.write_bytes(gzip.compress(b'{"a": 1}\n{\n'))
    assert numbers(file) == [1]
    assert reasons(file) == [("a.jsonl:2", "no JSON")]


@pytest.mark.parametrize("cut", [30, 200])
def test_a_gzip_that_was_cut_ends_with_a_reason(tmp_path: Path, cut: int) -> None:
    file = tmp_path / "a.jsonl.gz"
    rows = b"".join(b'{"a": %d}\n' % (n * 7919 % 10_007) for n in range(200))
    file.write_bytes(gzip.compress(rows)[:cut])
    *sound, last = list(json_lines(file))
    assert all(isinstance(row, Record) for row in sound)
    assert isinstance(last, Malformed)
    assert last.reason == "the file cannot be read on (EOFError)"
