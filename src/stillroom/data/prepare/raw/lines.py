"""Lines of a file, plain or gzipped, however long or broken they are."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from stillroom.data.prepare.adapter import Malformed
from stillroom.data.prepare.raw.record import LONGEST_ROW_BYTES, TOO_LONG, Record, Records

_GZIP = b"\x1f\x8b"
Line = tuple[int, bytes | Malformed]


def plain_name(path: Path) -> str:
    """Name of a file without ``.gz``."""
    return path.name.removesuffix(".gz")


def opened(path: Path) -> IO[bytes]:
    """Open a file for reading, gzipped or not."""
    with path.open("rb") as file:
        zipped = file.read(2) == _GZIP
    return cast(IO[bytes], gzip.open(path, "rb")) if zipped else path.open("rb")


def broken(path: Path, number: int, error: BaseException) -> Malformed:
    """Say that a file cannot be read on: it was cut, is damaged, or is gone."""
    return Malformed(f"{plain_name(path)}:{number}", f"the file cannot be read on ({type(error).__name__})")


def lines(path: Path) -> Iterator[Line]:
    """Yield each line's number and bytes, or what is wrong with it; a line is never held beyond the longest allowed."""
    number = 0
    try:
        with opened(path) as stream:
            while line := stream.readline(LONGEST_ROW_BYTES + 1):
                number += 1
                yield number, line if _fits(line) else _too_long(path, number, stream, line)
    except (OSError, EOFError, zlib.error) as error:
        yield number + 1, broken(path, number + 1, error)
        return
    if not number:
        yield 1, Malformed(f"{plain_name(path)}:1", "an empty file")


def text_lines(path: Path) -> Iterator[tuple[int, str | Malformed]]:
    """Yield each line as text: UTF-8, nothing guessed."""
    for number, line in lines(path):
        if isinstance(line, Malformed):
            yield number, line
            continue
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            yield number, Malformed(f"{plain_name(path)}:{number}", "not UTF-8")
        else:
            yield number, text


def json_lines(path: Path) -> Records:
    """Yield the objects of a JSON Lines file; blank lines are passed over."""
    name = plain_name(path)
    for number, line in text_lines(path):
        if isinstance(line, Malformed):
            yield line
        elif line.strip():
            yield _object(name, number, line)


def _object(name: str, number: int, line: str) -> Record | Malformed:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return Malformed(f"{name}:{number}", "no JSON")
    if not isinstance(data, dict):
        return Malformed(f"{name}:{number}", "no JSON object")
    return Record(name, number, data)


def _fits(line: bytes) -> bool:
    return len(line) <= LONGEST_ROW_BYTES


def _too_long(path: Path, number: int, stream: IO[bytes], begun: bytes) -> Malformed:
    while begun and not begun.endswith(b"\n"):
        begun = stream.readline(2**20)
    return Malformed(f"{plain_name(path)}:{number}", TOO_LONG)
