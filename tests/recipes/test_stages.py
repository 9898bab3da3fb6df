from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from stillroom.recipes.stages import Stage, Stages
from stillroom.types import DataError, StorageError


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    return tmp_path / "runs" / "toy"


def writer(text: str, **facts: Any) -> Callable[[Path, Path], Mapping[str, Any]]:
    def make(out: Path, work: Path) -> Mapping[str, Any]:
        (out / "part").mkdir()
        (out / "part" / "result.txt").write_text(text)
        return facts

    return make


def refuse(out: Path, work: Path) -> None:
    raise AssertionError("this stage was to be kept")


def once(run_dir: Path, inputs: Mapping[str, Any], make: Any, **options: Any) -> Stage:
    with Stages(run_dir) as stages:
        return stages.run("prepare", inputs, make, **options)


def events(run_dir: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run_dir / "events.jsonl").read_text().splitlines()]


def test_a_stage_is_made_then_kept(run_dir: Path) -> None:
    made = once(run_dir, {"rows": 5}, writer("five", rows=5), folder="corpus")
    kept = once(run_dir, {"rows": 5}, refuse, folder="corpus")
    assert (made.reused, kept.reused) == (False, True)
    assert made.path == kept.path == run_dir / "corpus"
    assert (kept.path / "part" / "result.txt").read_text() == "five"
    assert made.record == kept.record
    assert kept.facts == {"rows": 5}
    assert [event["event"] for event in events(run_dir)] == ["started", "finished", "kept"]


def test_changed_inputs_make_it_again_and_the_diary_says_what_changed(run_dir: Path) -> None:
    once(run_dir, {"rows": 5, "kinds": ("a",)}, writer("five"))
    again = once(run_dir, {"rows": 6, "kinds": ("a",)}, writer("six"))
    assert not again.reused
    assert (again.path / "part" / "result.txt").read_text() == "six"
    replaced = [event for event in events(run_dir) if event["event"] == "replacing"]
    assert [event["figures"]["changed"] for event in replaced] == [["rows"]]


def test_only_what_depends_on_a_change_is_made_again(run_dir: Path) -> None:
    made: list[str] = []

    def chain(rows: int, steps: int) -> None:
        def note(name: str, text: str) -> Callable[[Path, Path], Mapping[str, Any]]:
            def make(out: Path, work: Path) -> Mapping[str, Any]:
                made.append(name)
                return writer(text)(out, work)

            return make

        with Stages(run_dir) as stages:
            corpus = stages.run("prepare", {"rows": rows}, note("prepare", f"{rows} rows"))
            teacher = stages.run("teach", {}, note("teach", f"knows {rows}"), parents=[corpus])
            stages.run("distil", {"steps": steps}, note("distil", "student"), parents=[corpus, teacher])

    chain(rows=5, steps=10)
    chain(rows=5, steps=11)
    assert made == ["prepare", "teach", "distil", "distil"]
    made.clear()
    chain(rows=6, steps=11)
    assert made == ["prepare", "teach", "distil"]


def test_a_parent_made_again_with_the_same_result_changes_nothing_below(run_dir: Path) -> None:
    def chain(note: str) -> Stage:
        with Stages(run_dir) as stages:
            corpus = stages.run("prepare", {"note": note}, writer("same"))
            return stages.run("teach", {}, writer("teacher"), parents=[corpus])

    assert not chain("first").reused
    assert chain("second").reused


def test_fresh_makes_a_stage_again(run_dir: Path) -> None:
    once(run_dir, {}, writer("old"))
    with Stages(run_dir, fresh=["prepare"]) as stages:
        assert not stages.run("prepare", {}, writer("new")).reused


def damage_content(folder: Path) -> None:
    (folder / "part" / "result.txt").write_text("FIVE")


def damage_size(folder: Path) -> None:
    (folder / "part" / "result.txt").write_text("")


def damage_absence(folder: Path) -> None:
    (folder / "part" / "result.txt").unlink()


def damage_record(folder: Path) -> None:
    (folder / "stage.json").write_text("{")


def damage_facts(folder: Path) -> None:
    record = folder / "stage.json"
    record.write_text(record.read_text().replace('"rows": 5', '"rows": 500'))


def damage_no_record(folder: Path) -> None:
    (folder / "stage.json").unlink()


@pytest.mark.parametrize(
    "damage",
    [damage_content, damage_size, damage_absence, damage_record, damage_facts, damage_no_record],
)
def test_a_damaged_stage_is_refused_in_one_line_with_the_fix(
    run_dir: Path, damage: Callable[[Path], None]
) -> None:
    stage = once(run_dir, {}, writer("five", rows=5))
    damage(stage.path)
    with pytest.raises(StorageError) as caught:
        once(run_dir, {}, refuse)
    line = str(caught.value)
    assert str(stage.path) in line
    assert "--fresh prepare" in line
    assert "\n" not in line
    with Stages(run_dir, fresh=["prepare"]) as stages:
        assert not stages.run("prepare", {}, writer("five", rows=5)).reused


def test_a_failing_stage_leaves_nothing_under_its_name_and_keeps_the_result_before(run_dir: Path) -> None:
    def fail(out: Path, work: Path) -> None:
        (out / "half.txt").write_text("half")
        raise DataError("0 rows", "at least 1", "check the source")

    with pytest.raises(DataError):
        once(run_dir, {"rows": 0}, fail)
    assert not (run_dir / "prepare").exists()
    before = once(run_dir, {"rows": 1}, writer("one"))
    with pytest.raises(DataError):
        once(run_dir, {"rows": 0}, fail)
    assert (before.path / "part" / "result.txt").read_text() == "one"
    stopped = [event for event in events(run_dir) if event["event"] == "stopped"]
    assert stopped[0]["figures"]["error"] == "DataError"


def test_the_diary_does_not_repeat_messages_that_are_not_the_projects_own(run_dir: Path) -> None:
    def leak(out: Path, work: Path) -> None:
        raise ValueError("Mrs Example, born 1950")

    with pytest.raises(ValueError, match="Mrs Example"):
        once(run_dir, {}, leak)
    assert "Mrs Example" not in (run_dir / "events.jsonl").read_text()
    assert events(run_dir)[-1]["figures"] == {"error": "ValueError"}


KILLED = """
import sys, time
from pathlib import Path
from stillroom.recipes.stages import Stages

def make(out, work):
    state = work / "done.txt"
    done = int(state.read_text()) if state.exists() else 0
    (out / "half.txt").write_text("half")
    for step in range(done, 4):
        state.write_text(str(step + 1))
        if step == 1 and done == 0:
            print("ready", flush=True)
            time.sleep(60)
    (out / "half.txt").unlink()
    (out / "result.txt").write_text(f"resumed from {done}")

with Stages(Path(sys.argv[1])) as stages:
    stages.run("distil", {"steps": 4}, make)
"""


def test_a_killed_stage_leaves_nothing_and_goes_on_where_it_stopped(run_dir: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(run_dir)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        with pytest.raises(StorageError, match=f"is in use by process {process.pid}"):
            once(run_dir, {}, refuse)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert not (run_dir / "distil").exists()

    subprocess.run(command, check=True, timeout=60)
    assert (run_dir / "distil" / "result.txt").read_text() == "resumed from 2"
    assert sorted(path.name for path in (run_dir / "distil").iterdir()) == ["result.txt", "stage.json"]
    assert json.loads((run_dir / "distil" / "stage.json").read_text())["resumed"] is True
    assert sorted(path.name for path in run_dir.iterdir()) == [".lock", ".work", "distil", "events.jsonl"]
    assert not list((run_dir / ".work").iterdir())
    assert [event["event"] for event in events(run_dir)] == ["started", "removed", "resumed", "finished"]


def test_restartable_state_of_another_recipe_is_not_used(run_dir: Path) -> None:
    def interrupted(out: Path, work: Path) -> None:
        (work / "state.txt").write_text("of five rows")
        raise KeyboardInterrupt

    def make(out: Path, work: Path) -> None:
        assert not list(work.iterdir())

    with pytest.raises(KeyboardInterrupt):
        once(run_dir, {"rows": 5}, interrupted)
    assert not once(run_dir, {"rows": 6}, make).record.resumed


def test_too_little_space_stops_before_any_work(run_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage("/")._replace(free=10**9)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(StorageError, match=r"1\.0 GB free for stage 'prepare'.*expected at least 5\.0 GB"):
        once(run_dir, {}, refuse, needs_bytes=5 * 10**9)


def test_a_run_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(StorageError, match="is not a folder"):
        once(tmp_path / "taken", {}, refuse)


def test_files_and_diary_are_private(run_dir: Path) -> None:
    stage = once(run_dir, {}, writer("five"))
    files = [run_dir / "events.jsonl", stage.path / "stage.json", stage.path / "part" / "result.txt"]
    assert {oct(path.stat().st_mode & 0o777) for path in files} == {"0o600"}


MEASURED = """
import sys
from pathlib import Path
from stillroom.recipes.stages import Stages

def big(out, work):
    block = bytearray(300 * 2**20)
    block[:: 2**12] = b"x" * len(block[:: 2**12])

def small(out, work):
    pass

with Stages(Path(sys.argv[1])) as stages:
    for make in (big, small):
        record = stages.run(make.__name__, {}, make).record
        print(record.peak_memory_bytes, record.seconds)
"""


def test_peak_memory_and_time_are_those_of_the_stage(run_dir: Path) -> None:
    command = [sys.executable, "-c", MEASURED, str(run_dir)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    big, small = (line.split() for line in done.stdout.splitlines())
    assert int(big[0]) - int(small[0]) > 200 * 2**20
    assert 0 <= float(small[1]) < 60
