"""The diary of a run: one JSON line for each thing that happened, never rewritten."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from stillroom.types.files import PRIVATE_FILE_MODE, canonical_json, storage_errors


class EventLog:
    """Appends ``{"time", "stage", "event", "figures"}`` lines to a private file.

    Args:
        path: the file; it and its folder are made when the first event comes.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self, stage: str, event: str, figures: Mapping[str, Any] | None = None) -> None:
        """Write one event.

        Args:
            stage: the stage it belongs to.
            event: what happened, one word such as ``finished``.
            figures: numbers and identifiers; never text of a corpus.

        Raises:
            StorageError: the disk is full or the folder is not writable.
        """
        time = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = canonical_json({"time": time, "stage": stage, "event": event, "figures": dict(figures or {})})
        with storage_errors(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._append(f"{line}\n")

    def _append(self, line: str) -> None:
        descriptor = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, PRIVATE_FILE_MODE)
        try:
            # A process killed while it wrote may have left half a line: start on a fresh one.
            size = os.fstat(descriptor).st_size
            if size and os.pread(descriptor, 1, size - 1) != b"\n":
                line = f"\n{line}"
            os.write(descriptor, line.encode())
        finally:
            os.close(descriptor)
