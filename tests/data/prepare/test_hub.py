"""Data sets of the hub, from a folder laid out like its local cache; nothing is fetched."""

from __future__ import annotations

from pathlib import Path

import huggingface_hub
import pytest
from huggingface_hub import constants
from huggingface_hub.errors import LocalEntryNotFoundError, RepositoryNotFoundError

from adapted import adapted, write_lines
from stillroom.data.prepare.hub import snapshot
from stillroom.data.prepare.sources.own_files import HUGGINGFACE
from stillroom.types import DataError

NAME, COMMIT = "a-hospital/notes", "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    repository = tmp_path / "datasets--a-hospital--notes"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text(COMMIT)
    folder = repository / "snapshots" / COMMIT
    write_lines(folder / "train.jsonl", [{"question": "What is gout?", "answer": "A disease."}])
    return folder


def test_what_is_in_the_cache_is_found_and_read(cached: Path) -> None:
    assert snapshot(NAME) == cached
    assert adapted(HUGGINGFACE, snapshot(NAME, COMMIT)).by("split") == {("train",): 1}


def test_what_is_not_there_is_one_line_while_the_hub_is_off(cached: Path) -> None:
    with pytest.raises(DataError, match=r"the hub is switched off; expected .* set HF_HUB_OFFLINE=0"):
        snapshot("a-hospital/letters")


def test_only_files_of_data_are_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[dict[str, object]] = []

    def download(name: str, **options: object) -> str:
        asked.append(options)
        if options["local_files_only"]:
            raise LocalEntryNotFoundError("not cached")
        return str(tmp_path)

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    assert snapshot(NAME, "v1") == tmp_path
    assert asked[1]["repo_type"] == "dataset"
    assert asked[1]["revision"] == "v1"
    patterns = asked[1]["allow_patterns"]
    assert isinstance(patterns, list)
    assert not [pattern for pattern in patterns if pattern.endswith((".py", "*"))]


def test_a_refusal_of_the_hub_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def download(name: str, **options: object) -> str:
        if options["local_files_only"]:
            raise LocalEntryNotFoundError("not cached")
        raise RepositoryNotFoundError.__new__(RepositoryNotFoundError)

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    with pytest.raises(DataError, match=r"does not give it \(RepositoryNotFoundError\)"):
        snapshot(NAME)
