"""Reading a file line by line, and telling which line is wrong without telling what it says."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stillroom.data.file.settings import ColumnSettings
from stillroom.types import DataError

_GZIP = b"\x1f\x8b"


def records(path: Path, columns: ColumnSettings) -> Iterator[dict[str, str]]:
    """Yield each line's columns, under the names of :class:`ColumnSettings`.

    Raises:
        DataError: no such file, or a line that is no JSON object with text in these keys.
    """
    named = ((name, key) for name, key in columns.model_dump().items() if key is not None)
    wanted = {name: (key,) if isinstance(key, str) else key for name, key in named}
    for number, line in enumerate(_lines(path), start=1):
        if line.strip():
            yield _columns(line, wanted, f"line {number} of {path.name}")


def _columns(line: bytes, wanted: dict[str, tuple[str, ...]], where: str) -> dict[str, str]:
    try:
        data: Any = json.loads(line)
    except ValueError:
        raise DataError(f"{where} is no JSON", "one JSON object a line", "correct the line") from None
    if not isinstance(data, dict):
        raise DataError(f"{where} is no JSON object", "one JSON object a line", "correct the line")
    for name, keys in wanted.items():
        for key in keys:
            if not isinstance(data.get(key), str | int):
                has = f"{type(data[key]).__name__} in" if key in data else "no"
                raise DataError(f"{where} has {has} {key!r}", f"text for {name}", "correct corpus.columns")
    return {name: "/".join(str(data[key]).strip() for key in keys) for name, keys in wanted.items()}


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            zipped = file.read(2) == _GZIP
        with gzip.open(path, "rb") if zipped else path.open("rb") as stream:
            yield from stream
    except (OSError, EOFError) as error:
        raise DataError(
            f"cannot read {path}: {type(error).__name__}", "a JSON Lines file", "correct corpus.path"
        ) from error
