"""Files that are what their hash says: copied under a limit, hashed once, stamped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from stillroom.types import ModelError
from stillroom.types.files import atomic_file, file_sha256, write_json


def copy_exactly(content: Iterable[bytes], path: Path, size: int, sha256: str) -> None:
    """Write pieces to a file, which takes its name only if size and hash are as expected.

    Raises:
        ModelError: the content is shorter, longer or other than expected; no more than ``size`` is written.
    """
    with atomic_file(path) as temporary:
        digest, left = hashlib.sha256(), size
        with temporary.open("wb") as file:
            for piece in content:
                left -= len(piece)
                if left < 0:
                    break
                digest.update(piece)
                file.write(piece)
        if left or digest.hexdigest() != sha256:
            raise ModelError(
                f"{path.name} is not the expected file",
                f"{size} bytes with SHA-256 {sha256}",
                "check where it comes from; nothing was kept",
            )
    _stamp(path, sha256)


def is_verified(path: Path, sha256: str) -> bool:
    """Whether a file has this hash. The answer is remembered until its size or time of change differs."""
    if _read_stamp(path) == _facts(path, sha256):
        return True
    if file_sha256(path) != sha256:
        return False
    _stamp(path, sha256)
    return True


def _stamp(path: Path, sha256: str) -> None:
    write_json(_stamp_path(path), _facts(path, sha256))


def _facts(path: Path, sha256: str) -> dict[str, str | int]:
    status = path.stat()
    return {"bytes": status.st_size, "changed_ns": status.st_mtime_ns, "sha256": sha256}


def _read_stamp(path: Path) -> object:
    try:
        return json.loads(_stamp_path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _stamp_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.verified.json")
