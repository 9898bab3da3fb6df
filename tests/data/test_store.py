from __future__ import annotations

import json
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from stillroom.data import load_saved, save
from stillroom.data.store import MANIFEST, manifest, writing
from stillroom.types import Corpus, DataError, StorageError

Damage = Callable[[Path], object]


def test_a_saved_corpus_comes_back_equal(small: Corpus, tmp_path: Path) -> None:
    save(small, tmp_path / "corpus")
    assert load_saved(tmp_path / "corpus") == small


def test_files_are_private_and_nothing_else_is_left(small: Corpus, tmp_path: Path) -> None:
    save(small, tmp_path / "corpus")
    files = sorted((tmp_path / "corpus").iterdir())
    assert [file.name for file in files] == [MANIFEST, "test.jsonl", "train.jsonl", "validation.jsonl"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert [entry.name for entry in tmp_path.iterdir()] == ["corpus"]


def test_the_manifest_tells_what_is_in_it(small: Corpus, tmp_path: Path) -> None:
    save(small, tmp_path)
    told = json.loads((tmp_path / MANIFEST).read_text())
    assert told["items"] == {"train": 2, "validation": 2, "test": 2}
    assert told["multiple_choice"] == {"train": 1, "validation": 1, "test": 1}
    assert told["dropped"] == {"too long": 3}
    assert told["fingerprint"] == small.fingerprint
    assert sum(row["items"] for row in told["counts"]) == 6


def cut_in_half(folder: Path) -> None:
    file = folder / "train.jsonl"
    file.write_text(file.read_text()[: file.stat().st_size // 2])


def change_a_word(folder: Path) -> None:
    file = folder / "test.jsonl"
    file.write_text(file.read_text().replace("small eye", "large eye", 1))


def add_a_field(folder: Path) -> None:
    file = folder / "test.jsonl"
    file.write_text(file.read_text().replace('"id"', '"note":"","id"', 1))


@pytest.mark.parametrize(
    "damage",
    [
        cut_in_half,
        change_a_word,
        add_a_field,
        lambda folder: (folder / "validation.jsonl").unlink(),
        lambda folder: (folder / "train.jsonl").write_bytes(b"\xff\xfe"),
        lambda folder: (folder / MANIFEST).write_text("{}"),
        lambda folder: (folder / MANIFEST).write_text("[1]"),
        lambda folder: (folder / MANIFEST).write_text('{"format": 99}'),
    ],
)
def test_a_damaged_corpus_is_refused_in_one_line(small: Corpus, tmp_path: Path, damage: Damage) -> None:
    save(small, tmp_path / "corpus")
    damage(tmp_path / "corpus")
    with pytest.raises(StorageError, match=r"is damaged.*To fix: delete") as refused:
        load_saved(tmp_path / "corpus")
    assert "\n" not in str(refused.value)


def test_a_folder_without_a_corpus_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no corpus"):
        load_saved(tmp_path)


def test_rows_can_be_written_one_by_one(small: Corpus, tmp_path: Path) -> None:
    tmp_path.joinpath("stream").mkdir()
    with writing(tmp_path / "stream", small.name) as writer:
        for split, rows in small.splits.items():
            for row in rows:
                writer.add(split, row)
        assert writer.finish(small.sources, small.dropped) == small.fingerprint
    save(small, tmp_path / "whole")
    for file in (tmp_path / "whole").iterdir():
        assert (tmp_path / "stream" / file.name).read_bytes() == file.read_bytes()
    assert json.loads((tmp_path / "stream" / MANIFEST).read_text()) == json.loads(json.dumps(manifest(small)))


def test_what_licences_ask_comes_back(small: Corpus, tmp_path: Path) -> None:
    (source, *_) = small.sources
    asking = replace(small, sources=(replace(source, terms=("share-alike", "attribution")),))
    save(asking, tmp_path / "corpus")
    assert load_saved(tmp_path / "corpus").sources[0].terms == ("share-alike", "attribution")
    assert asking.fingerprint != small.fingerprint
