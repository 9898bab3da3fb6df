"""The run's folder, as every machine must see it."""

from __future__ import annotations

import platform
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from stillroom.types import EngineError
from stillroom.types.files import write_text


@dataclass(frozen=True, slots=True)
class SharedFolder:
    """A folder with a mark in it that was made a moment ago.

    Attributes:
        path: the folder, absolute.
        mark: name of a file in it.
    """

    path: Path
    mark: str

    @classmethod
    @contextmanager
    def marked(cls, path: Path) -> Iterator[Self]:
        """Put a mark into the folder for as long as the context lasts."""
        shared = cls(path.resolve(), f".seen-{uuid.uuid4().hex}")
        write_text(shared.path / shared.mark, "")
        try:
            yield shared
        finally:
            (shared.path / shared.mark).unlink(missing_ok=True)

    def require(self) -> None:
        """Look for the mark, on a worker.

        Raises:
            EngineError: this machine does not see the folder.
        """
        if not (self.path / self.mark).exists():
            raise EngineError(
                f"{platform.node()} does not see {self.path}",
                "a file system that all machines share, under the same path on each",
                "mount it there, or choose a shared folder with --runs",
            )
