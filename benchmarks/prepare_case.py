"""One preparation of a grown corpus, in a process of its own: what steps take, and what they find of what was planted.

``python benchmarks/prepare_case.py FOLDER WORKERS`` prints one line of JSON.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil

from stillroom.data.prepare.adapters import ADAPTERS
from stillroom.data.prepare.quarantine import Limit
from stillroom.data.prepare.reading import ReadTask, SourceFiles
from stillroom.data.prepare.settings.clean import CleanSettings
from stillroom.data.prepare.settings.deduplicate import DeduplicateSettings
from stillroom.data.prepare.settings.isolate import IsolateSettings
from stillroom.data.prepare.settings.truncate import TruncateSettings
from stillroom.data.prepare.shards import read_table
from stillroom.data.prepare.stage import AnyStage
from stillroom.data.prepare.stages.clean import Clean
from stillroom.data.prepare.stages.deduplicate import Deduplicate
from stillroom.data.prepare.stages.isolate import Isolate
from stillroom.data.prepare.stages.truncate import Truncate
from stillroom.data.prepare.steps import Step, forget_rows, read_sources, run_stage
from stillroom.data.prepare.workers import local_workers

STAGES: tuple[AnyStage, ...] = (
    Clean(CleanSettings()),
    Truncate(TruncateSettings()),
    Deduplicate(DeduplicateSettings()),
    Isolate(IsolateSettings()),
)
TRUTH = "truth.json"
_LONGEST_ROW = 10**6
_SECONDS_BETWEEN_LOOKS = 0.02

Truth = Mapping[str, Sequence[str]]
Figures = dict[str, Any]


def main(folder: Path, workers: int) -> None:
    """Prepare the corpus in a folder, and print what was measured."""
    truth: Truth = json.loads((folder / TRUTH).read_text(encoding="utf-8"))
    with TemporaryDirectory(dir=folder.parent) as work:
        steps, costs, seconds = prepared(folder, Path(work), workers)
        figures = {
            "rows": len(truth),
            "workers": workers,
            "seconds": seconds,
            "steps": [_told(step, costs[step.name]) for step in steps],
            "copies": copies_found(_dropped(steps, "deduplicate"), _came(steps, "deduplicate", truth)),
            "leaks": leaks_found(_dropped(steps, "isolate"), _came(steps, "isolate", truth)),
        }
    print(json.dumps(figures))


def prepared(folder: Path, work: Path, workers: int) -> tuple[list[Step], dict[str, Figures], float]:
    """Take the corpus through all steps; what each costs, and the seconds of all."""
    costs: dict[str, Figures] = {}
    start = time.perf_counter()
    with local_workers(workers) as pool:
        with costing(costs, "read"):
            steps = [read_sources(_tasks(folder, work / "read"), work / "read", pool)]
        for stage in STAGES:
            with costing(costs, stage.name):
                steps.append(run_stage(stage, steps[-1], work / stage.name, pool))
            forget_rows(steps[-2])
    return steps, costs, time.perf_counter() - start


def _tasks(folder: Path, to: Path) -> list[ReadTask]:
    to.mkdir()
    grown = [(path.stem, ADAPTERS["jsonl"], path) for path in sorted(folder.glob("*.jsonl"))]
    tests = [
        (path.name, ADAPTERS[path.name], path.resolve()) for path in sorted((folder / "tests").iterdir())
    ]
    files = [SourceFiles(name, adapter, path, "learn") for name, adapter, path in grown + tests]
    return [ReadTask(each, n, to, Limit(0.001), _LONGEST_ROW) for n, each in enumerate(files)]


@contextmanager
def costing(costs: dict[str, Figures], name: str) -> Iterator[None]:
    """Note the processor seconds of all processes, and the most memory they had resident, mapped files included."""
    process, done, most = psutil.Process(), threading.Event(), [0]
    before = _processor_seconds(process)

    def look() -> None:
        while not done.wait(_SECONDS_BETWEEN_LOOKS):
            most[0] = max(
                most[0], sum(_resident(each) for each in (process, *process.children(recursive=True)))
            )

    watcher = threading.Thread(target=look)
    watcher.start()
    yield
    done.set()
    watcher.join()
    used = _processor_seconds(process) - before
    costs[name] = {"processor_seconds": used, "peak_memory_bytes": most[0]}


def _processor_seconds(process: psutil.Process) -> float:
    """Of a process and those that it started, which live on until all steps are done."""
    times = [each.cpu_times() for each in (process, *process.children(recursive=True))]
    return sum(each.user + each.system for each in times)


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


def copies_found(dropped: Sequence[Mapping[str, str]], truth: Truth) -> Figures:
    """Precision and recall of deduplication against what was planted: of each row and its copies one is to stay.

    Where both a row and the one that stays in its place come from real rows of which neither is the other's copy, the
    real data held a copy already: no one planted it, and it counts neither way.
    """
    found, wrong, real = Counter[str](), Counter[str](), 0
    for row in dropped:
        (kind, one), (_, other) = (_true(row[name], truth) for name in ("id", "because_of"))
        if one == other:
            found[kind] += 1
        elif _true(one, truth)[0] == _true(other, truth)[0] == "real":
            real += 1
        else:
            wrong[kind] += 1
    right, all_wrong = sum(found.values()), sum(wrong.values())
    families = Counter(original for _, original in truth.values())
    planted = sum(members - 1 for members in families.values())
    return {
        "planted": planted,
        "found": right,
        "precision": right / max(right + all_wrong, 1),
        "recall": right / max(planted, 1),
        "wrong": dict(wrong),
        "copies_among_the_real_rows": real,
    }


def leaks_found(isolated: Sequence[Mapping[str, str]], truth: Truth) -> Figures:
    """How many copies of test items were found, and how many other rows were taken for one."""
    planted = {id for id, (kind, _) in truth.items() if kind == "leaked"}
    found = {_plain(row["id"]) for row in isolated if row["id"].startswith("grown")}
    return {"planted": len(planted), "found": len(planted & found), "others": len(found - planted)}


def _dropped(steps: Sequence[Step], name: str) -> list[dict[str, str]]:
    step = next(step for step in steps if step.name == name)
    return [row for shard in step.shards for row in read_table(shard.dropped).to_pylist()]


def _came(steps: Sequence[Step], name: str, truth: Truth) -> Truth:
    """The truth about the rows that came to a step."""
    before = [step.name for step in steps[: [step.name for step in steps].index(name)] if step.name != "read"]
    gone = {_plain(row["id"]) for step in before for row in _dropped(steps, step)}
    return {id: told for id, told in truth.items() if id not in gone}


def _true(id: str, truth: Truth) -> Sequence[str]:
    """What a row is, and what it was made from; rows beside those that were grown are real."""
    return truth.get(_plain(id), ("real", _plain(id)))


def _plain(id: str) -> str:
    return id.rpartition("/")[2]


def _told(step: Step, costs: Figures) -> Figures:
    return {"name": step.name, "seconds": step.seconds, **costs, **step.account.counts()}


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
