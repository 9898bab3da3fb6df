"""A source is read part by part, whatever is missing or broken."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from stillroom.data.prepare.adapter import Malformed
from stillroom.data.prepare.raw.lines import json_lines
from stillroom.data.prepare.raw.parts import BENCHMARK, TRAIN, Part, read_parts
from stillroom.data.prepare.raw.record import Record
from stillroom.types import DataError


def row(record: Record) -> Mapping[str, Any]:
    return {"id": f"{record.stem}-{record.number}", "prompt": record.text("q"), "options": ["x"]}


PARTS = (Part("train*.jsonl", json_lines, row, TRAIN), Part("test.jsonl", json_lines, row, BENCHMARK))


def test_parts_keep_their_order_and_files_theirs(tmp_path: Path) -> None:
    for name in ("test", "train2", "train1"):
        (tmp_path / f"{name}.jsonl").write_text('{"q": "why"}\n')
    rows = list(read_parts(PARTS, tmp_path))
    assert [made["id"] for made in rows if not isinstance(made, Malformed)] == [
        "train1-1",
        "train2-1",
        "test-1",
    ]
    assert [made["split"] for made in rows if not isinstance(made, Malformed)] == ["train", "train", "test"]


def test_one_file_can_be_named_by_itself(tmp_path: Path) -> None:
    file = tmp_path / "train9.jsonl"
    file.write_text('{"q": "why"}\n')
    (only,) = read_parts(PARTS, file)
    assert not isinstance(only, Malformed)
    assert only["split"] == "train"


def test_what_does_not_fit_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "test.jsonl").write_text('{"q": "why"}\n{"q": 3}\n{"q": "\\ud800"}\n')
    _, number, half = read_parts(PARTS, tmp_path)
    assert number == Malformed("test.jsonl:2", "'q' is a int, no text")
    assert half == Malformed("test.jsonl:3", "not UTF-8")


def test_a_folder_without_any_of_the_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no file of this source; expected train\*\.jsonl, test\.jsonl"):
        list(read_parts(PARTS, tmp_path))
