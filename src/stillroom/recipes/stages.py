"""Stages cached by content: what is done is kept, what changed is made again, what is damaged is refused.

A stage's key is the hash of its name, its inputs and the fingerprints of its parents; its fingerprint is the
hash of what it made. A stage is made again when its key changes; since a child's key holds its parents'
fingerprints, changing a line of a recipe makes again only what depends on it.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from stillroom.recipes.events import EventLog
from stillroom.recipes.lock import run_lock
from stillroom.recipes.record import CODE, RECORD, StageRecord, measure_files, read_record
from stillroom.types import Progress, StillroomError, silent
from stillroom.types.files import (
    PRIVATE_DIR_MODE,
    atomic_dir,
    canonical_json,
    fingerprint,
    require_space,
    storage_errors,
    write_json,
)
from stillroom.types.memory import peak_memory_bytes, reset_peak_memory

Make = Callable[[Path, Path], Mapping[str, Any] | None]
Join = Callable[[Path], object]
Announce = Callable[[Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Stage:
    """A finished stage: its record, where it lies, and whether it was made now or kept."""

    record: StageRecord
    path: Path
    reused: bool

    @property
    def name(self) -> str:
        """The stage's name."""
        return self.record.stage

    @property
    def fingerprint(self) -> str:
        """SHA-256 of what the stage made: its files and facts."""
        return self.record.fingerprint

    @property
    def facts(self) -> Mapping[str, Any]:
        """What the stage reported about its result."""
        return self.record.facts


class Stages:
    """The stages of one run folder. Use as a context manager: it holds the folder's lock.

    Args:
        run_dir: the run's folder.
        progress: told of stages that are kept.
        events: the run's diary.
        fresh: names of stages to make again even if they are kept.
        announce: tells the other processes of the run.

    Example::

        with Stages(Path("runs/quickstart"), progress, events) as stages:
            corpus = stages.run("prepare", {"corpus": ...}, make_corpus, folder="corpus")
            teacher = stages.run("teach", {"teach": ...}, make_teacher, parents=[corpus])
    """

    def __init__(
        self,
        run_dir: Path,
        progress: Progress = silent,
        events: EventLog | None = None,
        fresh: Collection[str] = (),
        announce: Announce = lambda message: None,
    ) -> None:
        self.run_dir = run_dir
        self.finished: list[Stage] = []
        self._progress = progress
        self._events = events or EventLog(run_dir / "events.jsonl")
        self._fresh = frozenset(fresh)
        self._announce = announce
        self._lock = run_lock(run_dir)

    def __enter__(self) -> Self:
        """Take the run folder."""
        self._lock.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        """Let go of the run folder."""
        self._lock.__exit__(None, None, None)

    def run(
        self,
        name: str,
        inputs: Mapping[str, Any],
        make: Make,
        *,
        parents: Sequence[Stage] = (),
        folder: str | None = None,
        needs_bytes: int = 0,
        join: Join | None = None,
    ) -> Stage:
        """Keep the stage if its key is unchanged, else make it.

        Args:
            name: the stage's name.
            inputs: every setting that changes its result, JSON-serialisable.
            make: ``make(out, work) -> facts``. ``out`` is new and empty, and takes its final name only when
                ``make`` returns. ``work`` outlives a killed process: restartable state belongs there; it is
                removed once the stage is done. Facts are JSON-serialisable and count as part of the result.
            parents: stages whose results it uses.
            folder: its folder inside the run's; its name by default.
            needs_bytes: free disk space that it needs.
            join: what every other process of the run does meanwhile, ``join(work)``; without it they wait.

        Raises:
            StorageError: too little disk space, or a kept result is damaged.
        """
        want = _Wanted(name, self.run_dir / (folder or name), _plain(inputs), _fingerprints(parents))
        stage = self._kept(want) or self._made(want, make, needs_bytes)
        self.finished.append(stage)
        self._announce({"record": stage.record.to_dict(), "path": str(stage.path), "reused": stage.reused})
        return stage

    def note(self, stage: str, event: str, figures: Mapping[str, Any]) -> None:
        """Write an event of a stage into the run's diary; never text of a corpus."""
        self._events(stage, event, figures)

    def _kept(self, want: _Wanted) -> Stage | None:
        if not want.path.exists() or self._is_fresh(want):
            return None
        record = read_record(want.path, want.name)
        if record is None or record.key != want.key:
            changed = want.changed(record) if record else ["code"]
            self._events(want.name, "replacing", {"changed": changed, "old_key": record and record.key})
            return None
        record.check_files(want.path)
        self._events(want.name, "kept", {"key": want.key, "fingerprint": record.fingerprint})
        self._progress(f"{want.name} (kept)", 1, 1)
        return Stage(record, want.path, reused=True)

    def _is_fresh(self, want: _Wanted) -> bool:
        """A stage of a branch is as fresh as the run's own."""
        return want.name.partition(".")[0] in self._fresh

    def _made(self, want: _Wanted, make: Make, needs_bytes: int) -> Stage:
        require_space(self.run_dir, needs_bytes, f"for stage {want.name!r}")
        work = self._work_folder(want)
        resumed = any(work.iterdir())
        self._events(want.name, "resumed" if resumed else "started", {"key": want.key})
        self._announce({"stage": want.name, "key": want.key, "work": str(work)})
        with self._told(want.name), atomic_dir(want.path) as out:
            reset_peak_memory()
            start = time.monotonic()
            facts = dict(make(out, work) or {})
            seconds = time.monotonic() - start
            record = StageRecord(
                code=CODE,
                stage=want.name,
                key=want.key,
                inputs=want.inputs,
                parents=want.parents,
                seconds=round(seconds, 3),
                peak_memory_bytes=peak_memory_bytes(),
                resumed=resumed,
                facts=facts,
                files=measure_files(out),
            )
            write_json(out / RECORD, record.to_dict())
        shutil.rmtree(work, ignore_errors=True)
        figures = {"seconds": record.seconds, "peak_memory_bytes": record.peak_memory_bytes}
        self._events(want.name, "finished", {"fingerprint": record.fingerprint, **figures})
        return Stage(record, want.path, reused=False)

    def _work_folder(self, want: _Wanted) -> Path:
        """Keep the state of this very stage; clear what other keys and killed processes left."""
        home = self.run_dir / ".work"
        work = home / f"{want.name}-{want.key[:16]}"
        half_written = [path for path in self.run_dir.glob(f".{want.path.name}.*") if path.is_dir()]
        others = [path for path in home.glob(f"{want.name}-*") if path != work or self._is_fresh(want)]
        with storage_errors(work):
            for stale in (*half_written, *others):
                self._events(want.name, "removed", {"folder": str(stale.relative_to(self.run_dir))})
                shutil.rmtree(stale)
            work.mkdir(parents=True, exist_ok=True, mode=PRIVATE_DIR_MODE)
        return work

    @contextmanager
    def _told(self, name: str) -> Iterator[None]:
        """Write in the diary how a stage ended early: other messages than our own may hold patient text."""
        try:
            yield
        except BaseException as error:
            detail = {"message": str(error)} if isinstance(error, StillroomError) else {}
            self._events(name, "stopped", {"error": type(error).__name__, **detail})
            raise


@dataclass(frozen=True, slots=True)
class _Wanted:
    name: str
    path: Path
    inputs: Mapping[str, Any]
    parents: Mapping[str, str]

    @property
    def key(self) -> str:
        return fingerprint({"code": CODE, "stage": self.name, "inputs": self.inputs, "parents": self.parents})

    def changed(self, old: StageRecord) -> list[str]:
        now, then = {**self.inputs, **self.parents}, {**old.inputs, **old.parents}
        return sorted(name for name in now.keys() | then.keys() if now.get(name) != then.get(name))


def key_of(name: str, inputs: Mapping[str, Any], parents: Sequence[Stage]) -> str:
    """Key of a stage: SHA-256 of code, name, inputs and parents."""
    return _Wanted(name, Path(), _plain(inputs), _fingerprints(parents)).key


def _plain(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs as they will read back: tuples become lists."""
    plain: dict[str, Any] = json.loads(canonical_json(inputs))
    return plain


def _fingerprints(parents: Sequence[Stage]) -> dict[str, str]:
    return {stage.name: stage.fingerprint for stage in parents}
