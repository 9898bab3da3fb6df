"""Files that are what their hash says: copied under a limit, hashed once, stamped."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import IO

from stillroom.types import ModelError
from stillroom.types.files import atomic_file, file_sha256, write_json

_CHUNK_BYTES = 1 << 20


def copy_exactly(stream: IO[bytes], path: Path, size: int, sha256: str) -> None:
    """Copy a stream to a file, which takes its name only if size and hash are as expected.

    Raises:
        ModelError: the stream is shorter, longer or other than expected; no more than ``size`` is written.
    """
    with atomic_file(path) as temporary:
        digest, left = hashlib.sha256(), size
        with temporary.open("wb") as file:
            while left and (chunk := stream.read(min(left, _CHUNK_BYTES))):
                digest.update(chunk)
                file.write(chunk)
                left -= len(chunk)
        if left or stream.read(1) or digest.hexdigest() != sha256:
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
