"""Collecting: once for each content, resumed after a kill, by several processes at a time."""

from __future__ import annotations

import hashlib
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from signals.blocks import HIDDEN, KINDS, SAMPLED, settings
from stillroom.models import LanguageModel
from stillroom.signals import SignalStore, collect
from stillroom.signals.pace import Pace
from stillroom.types import SignalError, silent

TOKENS_PER_SHARD = 100

COLLECT = """
import os, signal, sys, warnings
import numpy as np
from pathlib import Path
from stillroom.models import LanguageModel
from stillroom.signals import SignalSettings, collect
from stillroom.types import Encoded

model, data, folder, block, kill_at = sys.argv[1:]
saved = np.load(data)
rows = [Encoded(saved[f"ids{i}"], int(start)) for i, start in enumerate(saved["starts"])]

def progress(task, done, total, figures=None):
    if done >= int(kill_at):
        os.kill(os.getpid(), signal.SIGKILL)

collect(LanguageModel.load(Path(model)), rows, Path(folder), SignalSettings.model_validate_json(block),
        layers=(1, 3), progress=progress)
"""


@pytest.fixture
def saved(teacher, rows, tmp_path) -> tuple[LanguageModel, list[str]]:
    """The teacher and the rows on disk, and the arguments of a process that collects from them."""
    import numpy as np

    teacher.save(tmp_path)
    arrays = {f"ids{i}": row.ids for i, row in enumerate(rows)}
    np.savez(tmp_path / "rows.npz", starts=np.array([row.start for row in rows]), **arrays)
    return LanguageModel.load(tmp_path), [str(tmp_path), str(tmp_path / "rows.npz")]


def process(arguments: list[str], folder: Path, targets: dict, kill_at: int = 10**9) -> subprocess.Popen:
    block = settings(targets).model_dump_json()
    command = [sys.executable, "-c", COLLECT, *arguments, str(folder), block, str(kill_at)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def content(folder: Path) -> dict[str, str]:
    return {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.iterdir()
        if file.name.startswith(("shard-", "index", "output"))
    }


def test_a_killed_collection_goes_on_after_its_last_whole_shard(saved, rows, tmp_path) -> None:
    teacher, arguments = saved
    total = sum(len(row.targets) for row in rows)
    killed = process(arguments, tmp_path / "killed", SAMPLED, kill_at=total // 2)
    killed.communicate(timeout=200)
    assert killed.returncode == -signal.SIGKILL
    finished = list((tmp_path / "killed").glob("shard-*"))
    assert finished
    assert not (tmp_path / "killed" / "index.json").exists()
    times = {file.name: file.stat().st_mtime_ns for file in finished}

    seen: list[int] = []
    shown = lambda task, done, total, figures=None: seen.append(done if figures else -done)  # noqa: E731
    block = settings(SAMPLED)
    collect(teacher, rows, tmp_path / "killed", block, layers=(1, 3), progress=shown)
    kept = -min(seen)
    assert kept >= total // 2 - TOKENS_PER_SHARD
    assert seen[-1] == total
    assert all((tmp_path / "killed" / name).stat().st_mtime_ns == time for name, time in times.items())
    collect(teacher, rows, tmp_path / "straight", block, layers=(1, 3))
    assert content(tmp_path / "killed") == content(tmp_path / "straight")


def test_writers_at_the_same_time_make_one_whole_store(saved, rows, tmp_path) -> None:
    teacher, arguments = saved
    other = process(arguments, tmp_path / "shared", HIDDEN)
    while not list((tmp_path / "shared").glob("*.safetensors")) and other.poll() is None:
        time.sleep(0.001)
    collect(teacher, rows, tmp_path / "shared", settings(), layers=(1, 3))
    _, error = other.communicate(timeout=200)
    assert other.returncode == 0, error
    collect(teacher, rows, tmp_path / "alone", settings(), layers=(1, 3))
    assert content(tmp_path / "shared") == content(tmp_path / "alone")
    assert len(SignalStore.open(tmp_path / "shared", teacher.fingerprint())) == len(rows)


def spread_over(copies: list[LanguageModel]):
    """Shards made elsewhere: everything travels pickled, they are made in turns, and come back in any order."""

    def spread(describe, todo):
        sent = pickle.dumps((describe, todo))
        made = []
        for number, copy in enumerate(copies):
            there, shards = pickle.loads(sent)
            recorder = there(copy)
            made += [recorder.shard(rows, Pace(silent, 0, 0)) for rows in shards[number :: len(copies)]]
        yield from reversed(made)

    return spread


@pytest.mark.parametrize("targets", KINDS, ids=lambda targets: targets["kind"])
def test_shards_that_others_made_join_into_the_bytes_of_one_process(saved, rows, tmp_path, targets) -> None:
    teacher, _ = saved
    spread = spread_over([LanguageModel.load(tmp_path), LanguageModel.load(tmp_path)])
    joined = collect(teacher, rows, tmp_path / "joined", settings(targets), layers=(1, 3), spread=spread)
    alone = collect(teacher, rows, tmp_path / "alone", settings(targets), layers=(1, 3))
    assert joined == alone
    assert content(tmp_path / "joined") == content(tmp_path / "alone")


def test_shards_of_another_teacher_are_refused(saved, make_model, rows, tmp_path) -> None:
    teacher, _ = saved
    with pytest.raises(SignalError, match="shards were made from another teacher"):
        collect(teacher, rows, tmp_path / "x", settings(), spread=spread_over([make_model(layers=4, seed=1)]))
    assert not (tmp_path / "x" / "index.json").exists()


@pytest.mark.parametrize("targets", KINDS, ids=lambda targets: targets["kind"])
def test_equal_content_gives_equal_bytes_in_any_order_and_duplicates_count_once(
    teacher, rows, tmp_path, targets
) -> None:
    first = collect(teacher, rows, tmp_path / "a", settings(targets))
    second = collect(teacher, [*rows[::-1], *rows], tmp_path / "b", settings(targets))
    assert first == second
    assert first.tokens == sum(len(row.targets) for row in rows)
    assert content(tmp_path / "a") == content(tmp_path / "b")


def test_a_store_grows_by_the_rows_that_it_lacks(teacher, rows, tmp_path) -> None:
    collect(teacher, rows[:30], tmp_path, settings())
    seen: list[int] = []
    grown = collect(
        teacher,
        rows,
        tmp_path,
        settings(),
        progress=lambda task, done, total, figures=None: seen.append(done),
    )
    old = sum(len(row.targets) for row in rows[:30])
    assert min(seen) > old
    assert grown.rows == len(rows)
    store = SignalStore.open(tmp_path, teacher.fingerprint())
    assert len(store.teacher(rows).hidden) == grown.tokens


def test_a_folder_of_another_recording_is_refused(teacher, make_model, rows, tmp_path) -> None:
    collect(teacher, rows, tmp_path, settings(SAMPLED), temperature=2.0)
    for change, name in (
        ({"temperature": 1.0}, r"recorded with temperature 2\.0; expected temperature 1\.0"),
        ({"temperature": 2.0, "seed": 1}, "recorded with seed 0; expected seed 1"),
        ({"temperature": 2.0, "layers": (1,)}, "recorded with layers"),
    ):
        with pytest.raises(SignalError, match=name):
            collect(teacher, rows, tmp_path, settings(SAMPLED), **change)
    with pytest.raises(SignalError, match="recorded with targets"):
        collect(teacher, rows, tmp_path, settings(HIDDEN), temperature=2.0)
    with pytest.raises(SignalError, match="recorded with teacher"):
        collect(make_model(seed=1), rows, tmp_path, settings(SAMPLED), temperature=2.0)


def test_progress_counts_response_tokens_and_tells_the_speed(teacher, rows, tmp_path) -> None:
    told: list[tuple[int, int, dict[str, float]]] = []

    def progress(task, done, total, figures=None) -> None:
        assert task == "signals"
        told.append((done, total, dict(figures)))

    collected = collect(teacher, rows, tmp_path, settings(), progress=progress)
    total = sum(len(row.targets) for row in rows)
    assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)
    assert told[-1][:2] == (total, total) == (collected.tokens, total)
    assert all(figures["tokens_per_second"] > 0 for _, _, figures in told)


def test_bytes_per_token_is_the_size_on_disk(teacher, rows, tmp_path) -> None:
    collected = collect(teacher, rows, tmp_path, settings(shard_tokens=2**16))
    size = sum(file.stat().st_size for file in tmp_path.glob("shard-*"))
    assert collected.bytes_per_token == size / collected.tokens
    assert 2 * 32 < collected.bytes_per_token < 2 * 32 + 30


def test_no_rows_are_refused(teacher, tmp_path) -> None:
    with pytest.raises(SignalError, match="0 rows to record"):
        collect(teacher, [], tmp_path)
