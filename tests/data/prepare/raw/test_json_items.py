"""Items of one large JSON document are read one at a time, wherever the chunks cut it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stillroom.data.prepare.adapter import Malformed
from stillroom.data.prepare.raw import json_items as module
from stillroom.data.prepare.raw.json_items import KEY, json_items
from stillroom.data.prepare.raw.record import Record

ITEMS = [{"a": 'Sjögren 🩺, "x" [1] {2}'}, {"a": [1, {"b": "]"}]}, {"a": "日本"}]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "a.json"


def data(path: Path, opening: str = "") -> list[object]:
    return [dict(row.data) if isinstance(row, Record) else row.reason for row in json_items(path, opening)]


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 2**20])
@pytest.mark.parametrize("indent", [None, 2])
def test_an_array_reads_alike_however_it_is_cut(
    file: Path, chunk: int, indent: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_CHUNK_BYTES", chunk)
    file.write_text(json.dumps(ITEMS, ensure_ascii=False, indent=indent), encoding="utf-8")
    assert data(file) == ITEMS


@pytest.mark.parametrize("chunk", [1, 5, 2**20])
def test_an_object_gives_its_keys(file: Path, chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_CHUNK_BYTES", chunk)
    file.write_text(json.dumps({"k1": {"a": 1}, "k 2": {"a": 2}}))
    assert data(file) == [{KEY: "k1", "a": 1}, {KEY: "k 2", "a": 2}]


def test_an_array_inside_an_object_is_reached(file: Path) -> None:
    file.write_text('{"data": [{"a": 1}, {"a": 2}], "version": 1}')
    assert data(file, r'\{\s*"data":') == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize("text", ["[]", "{}"])
def test_no_items_make_an_empty_file(file: Path, text: str) -> None:
    file.write_text(text)
    assert data(file) == ["an empty file"]


@pytest.mark.parametrize("text", ["", "   ", "[", '[{"a": 1}, {"a": ', '[{"a": 1} oops', "7", '{"a" 1}'])
def test_broken_json_ends_with_one_reason(file: Path, text: str) -> None:
    file.write_text(text)
    *sound, last = data(file)
    assert sound == [{"a": 1}] * len(sound)
    assert last in ("an empty file", "the file cannot be read on (JSONDecodeError)") or "ValueError" in str(
        last
    )


def test_an_item_that_is_no_object_is_left_out(file: Path) -> None:
    file.write_text('[{"a": 1}, 2, {"a": 3}]')
    assert data(file) == [{"a": 1}, "no JSON object", {"a": 3}]


def test_an_item_of_ten_megabytes_ends_it_without_reading_on(file: Path) -> None:
    file.write_text('[{"a": "' + "x" * 10_000_000 + '"}, {"a": 2}]')
    (only,) = json_items(file)
    assert isinstance(only, Malformed)
