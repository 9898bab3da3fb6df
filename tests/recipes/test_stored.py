"""A run's signals: told in figures, and purged, finished and unfinished, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from stillroom.recipes import load
from stillroom.recipes.lock import run_lock
from stillroom.recipes.record import CODE, RECORD, StageRecord
from stillroom.recipes.stored import purge_signals, run_signals
from stillroom.signals import collect
from stillroom.types import StorageError
from stillroom.types.files import write_json

SIGNALS = ("signals/shard-1", "signals/index.json", ".signals.x7/shard-1", ".work/signals-ab12/shard-2")
OTHERS = ("student/model", ".work/student-ab12/checkpoint", "events.jsonl")


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    """A run with finished and unfinished signals."""
    for name in (*SIGNALS, *OTHERS):
        file = tmp_path / "mine" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"1234")
    return tmp_path / "mine"


def test_all_signals_go_and_nothing_else(run_dir: Path) -> None:
    removed = purge_signals(run_dir)
    assert {(str(item.folder.relative_to(run_dir)), item.files, item.bytes) for item in removed} == {
        ("signals", 2, 8),
        (".signals.x7", 1, 4),
        (".work/signals-ab12", 1, 4),
    }
    assert not any((run_dir / name).exists() for name in SIGNALS)
    assert all((run_dir / name).exists() for name in OTHERS)
    assert purge_signals(run_dir) == []


def test_what_is_recorded_is_told_without_a_key(
    make_model, rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNAL_KEY", "5a" * 32)
    block = load("quickstart", ["signals.encryption={key_variable: SIGNAL_KEY}"]).signals
    folder, teacher = tmp_path / "mine" / "signals", make_model()
    collected = collect(teacher, rows, folder, block, layers=(0, 3))
    inputs: dict[str, object] = {}
    record = StageRecord(CODE, "signals", "key", inputs, {}, 1.0, 1, False, {}, {})
    write_json(folder / RECORD, record.to_dict())
    monkeypatch.delenv("SIGNAL_KEY")
    found = run_signals(tmp_path / "mine")
    assert not found.live
    facts = found.stores[folder]
    assert (facts.rows, facts.tokens, facts.bytes) == (collected.rows, collected.tokens, collected.bytes)
    assert facts.bytes_per_token == collected.bytes_per_token
    assert facts.encrypted
    assert facts.recording["layers"] == [0, 3]
    assert facts.recording["teacher"] == teacher.fingerprint()


def test_an_unfinished_collection_is_told(run_dir: Path) -> None:
    for path in (run_dir / "signals").iterdir():
        path.unlink()
    (run_dir / "signals").rmdir()
    found = run_signals(run_dir)
    assert (found.stores, found.live, found.unfinished_bytes) == ({}, False, 4)


def test_a_run_in_use_is_left_alone(run_dir: Path) -> None:
    with run_lock(run_dir), pytest.raises(StorageError, match="in use by process"):
        purge_signals(run_dir)
    assert (run_dir / "signals").exists()


def test_an_unknown_run_suggests_the_nearest(run_dir: Path) -> None:
    with pytest.raises(StorageError, match=r"no run in .*mien; .*did you mean 'mine'"):
        purge_signals(run_dir.with_name("mien"))
    with pytest.raises(StorageError, match="name the folder of the runs with --runs"):
        purge_signals(run_dir / "absent" / "mine")
