"""One process at a time in a run folder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stillroom.types import StorageError
from stillroom.types.files import PRIVATE_DIR_MODE, PRIVATE_FILE_MODE, storage_errors


@contextmanager
def run_lock(run_dir: Path) -> Iterator[None]:
    """Hold the folder for this process; the kernel lets go of it even when the process is killed.

    Raises:
        StorageError: another process holds it, or the folder cannot be written.
    """
    with storage_errors(run_dir):
        _make_folder(run_dir)
        descriptor = os.open(run_dir / ".lock", os.O_RDWR | os.O_CREAT, PRIVATE_FILE_MODE)
    try:
        _take(descriptor, run_dir)
        yield
    finally:
        os.close(descriptor)


def _make_folder(run_dir: Path) -> None:
    try:
        run_dir.mkdir(parents=True, exist_ok=True, mode=PRIVATE_DIR_MODE)
    except (FileExistsError, NotADirectoryError) as error:
        raise StorageError(
            f"{run_dir} is not a folder", "a folder for the run", "choose another folder with --runs"
        ) from error


def _take(descriptor: int, run_dir: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.pread(descriptor, 32, 0).decode(errors="replace").strip() or "unknown"
        raise StorageError(
            f"run folder {run_dir} is in use by process {holder}",
            "one run at a time in a folder",
            "wait for it to end, or choose another folder with --runs",
        ) from error
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
