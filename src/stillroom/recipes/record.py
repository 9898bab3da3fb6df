"""``stage.json``: what made a stage's files, and what they must still be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from stillroom import __version__
from stillroom.types import StorageError
from stillroom.types.files import file_sha256, fingerprint

FORMAT = 2
CODE = f"{FORMAT}/{__version__}"
RECORD = "stage.json"


@dataclass(frozen=True, slots=True)
class StageRecord:
    """How a stage was made and what it holds.

    Attributes:
        code: version of the stage format, and of the package.
        stage: the stage's name.
        key: SHA-256 of code, name, inputs and parents.
        inputs: the settings that it was made with.
        parents: fingerprints of the stages it used, by name.
        seconds: wall time of the process that finished it.
        peak_memory_bytes: highest resident memory while it was made.
        resumed: whether it went on from the state of an earlier, interrupted process.
        facts: what the stage reported about its result.
        files: size and SHA-256 of each file, by path inside the folder.
    """

    code: str
    stage: str
    key: str
    inputs: Mapping[str, Any]
    parents: Mapping[str, str]
    seconds: float
    peak_memory_bytes: int
    resumed: bool
    facts: Mapping[str, Any]
    files: Mapping[str, Mapping[str, Any]]

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the result: files and facts."""
        return fingerprint({"files": self.files, "facts": self.facts})

    def to_dict(self) -> dict[str, Any]:
        """Return a plain form that carries its own fingerprint."""
        return {**asdict(self), "fingerprint": self.fingerprint}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Rebuild from :meth:`to_dict`.

        Raises:
            ValueError: the record was changed after it was written.
        """
        fields = {name: value for name, value in data.items() if name != "fingerprint"}
        record = cls(**fields)
        if record.fingerprint != data["fingerprint"]:
            raise ValueError("the record does not match its own fingerprint")
        return record

    def check_files(self, folder: Path) -> None:
        """Compare every file with its record.

        Raises:
            StorageError: a file is missing or its bytes changed.
        """
        for name, expected in self.files.items():
            file = folder / name
            if not file.is_file() or _measure(file) != expected:
                state = "changed" if file.is_file() else "missing"
                raise _damaged(folder, self.stage, f"file {name!r} is {state}")


def measure_files(folder: Path) -> dict[str, dict[str, Any]]:
    """Size and SHA-256 of every file below a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): _measure(path) for path in files}


def read_record(folder: Path, stage: str) -> StageRecord | None:
    """Read a stage's record; None when other code wrote it.

    Raises:
        StorageError: the folder holds no record, or a damaged one.
    """
    try:
        data = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        if data["code"] != CODE:
            return None
        return StageRecord.from_dict(data)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(folder, stage, f"its {RECORD} is missing or damaged") from error


def _measure(path: Path) -> dict[str, Any]:
    return {"bytes": path.stat().st_size, "sha256": file_sha256(path)}


def _damaged(folder: Path, stage: str, reason: str) -> StorageError:
    return StorageError(
        f"stage {stage!r} in {folder}: {reason}",
        "the folder as the stage left it",
        f"delete {folder}, or run again with --fresh {stage}",
    )
