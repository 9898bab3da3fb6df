"""The signals of a run: what is on the disk, and taking it off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stillroom.recipes.lock import run_lock
from stillroom.recipes.record import read_record
from stillroom.signals.facts import StoreFacts, store_facts
from stillroom.signals.index import INDEX_FILE
from stillroom.signals.purge import Purged, purge
from stillroom.types import StorageError, did_you_mean

SIGNALS = "signals"


@dataclass(frozen=True, slots=True)
class RunSignals:
    """The signals of a run.

    Attributes:
        stores: each finished store, by its folder.
        live: the teacher is asked instead, and nothing is recorded.
        unfinished_bytes: what a collection that did not end has left.
    """

    stores: Mapping[Path, StoreFacts]
    live: bool
    unfinished_bytes: int


def run_signals(run_dir: Path) -> RunSignals:
    """Describe a run's signals from their indices alone; files are not checked, and no key is needed.

    Args:
        run_dir: the run's folder.

    Raises:
        StorageError: there is no such run, or an index is damaged.
    """
    _existing(run_dir)
    folder = run_dir / SIGNALS
    record = read_record(folder, SIGNALS) if folder.is_dir() else None
    stores = {
        path.parent: store_facts(path.parent) for path in sorted(run_dir.glob(f"{SIGNALS}*/**/{INDEX_FILE}"))
    }
    unfinished = (path for path in run_dir.glob(f".work/{SIGNALS}[-.]*/**/*") if path.is_file())
    return RunSignals(
        stores=stores,
        live=record is not None and record.facts.get("source") == "live",
        unfinished_bytes=sum(path.stat().st_size for path in unfinished),
    )


def purge_signals(run_dir: Path) -> list[Purged]:
    """Remove a run's recorded signals, finished and unfinished; all else stays.

    The student stays valid: a later run collects the signals again only because the stage is missing, and keeps the
    student if they are the same.

    Args:
        run_dir: the run's folder.

    Returns:
        What was removed; empty if there was nothing.

    Raises:
        StorageError: there is no such run, another process works in it, or a folder may not be removed.
    """
    _existing(run_dir)
    with run_lock(run_dir):
        patterns = (SIGNALS, f"{SIGNALS}.*", f".{SIGNALS}.*", f".work/{SIGNALS}-*", f".work/{SIGNALS}.*")
        return purge(path for pattern in patterns for path in sorted(run_dir.glob(pattern)))


def _existing(run_dir: Path) -> None:
    if not run_dir.is_dir():
        runs = [path.name for path in run_dir.parent.glob("*/")] if run_dir.parent.is_dir() else []
        fix = did_you_mean(run_dir.name, runs) if runs else "name the folder of the runs with --runs"
        raise StorageError(f"no run in {run_dir}", "the folder of a run", fix)
