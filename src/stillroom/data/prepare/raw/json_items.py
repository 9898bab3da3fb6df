"""Items of one large JSON array or object, read one at a time."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from stillroom.data.prepare.adapter import Malformed
from stillroom.data.prepare.raw.lines import broken, opened, plain_name
from stillroom.data.prepare.raw.record import LONGEST_ROW_BYTES, Record, Records

_CHUNK_BYTES = 2**20
_BETWEEN = re.compile(r"[\s,]*")
_COLON = re.compile(r"\s*:\s*")
_DECODER = json.JSONDecoder()
KEY = "#key"
"""Where an item of an object of objects keeps its key."""


def json_items(path: Path, opening: str = "") -> Records:
    """Yield the objects of an array, or of an object whose values they are, with their key under :data:`KEY`.

    Where the JSON is broken the file is not read on: what follows cannot be told apart.

    Args:
        path: the file, plain or gzipped.
        opening: what stands before the array or object, as a regular expression, such as ``{"data":``.
    """
    name, number = plain_name(path), 0
    try:
        with opened(path) as stream:
            for number, (key, data) in enumerate(_items(stream, opening), start=1):
                if isinstance(data, dict):
                    yield Record(name, number, data if key is None else {KEY: key, **data})
                else:
                    yield Malformed(f"{name}:{number}", "no JSON object")
    except (OSError, EOFError, zlib.error, ValueError, RecursionError) as error:
        yield broken(path, number + 1, error)
        return
    if not number:
        yield Malformed(f"{name}:1", "an empty file")


def _items(stream: IO[bytes], opening: str) -> Iterator[tuple[str | None, Any]]:
    text = _Text(stream)
    text.skip(re.compile(r"\ufeff?\s*" + opening + r"\s*"))
    bracket = text.take()
    if bracket not in ("[", "{", ""):
        raise ValueError("neither an array nor an object")
    closing = {"[": "]", "{": "}", "": ""}[bracket]
    while True:
        text.skip(_BETWEEN)
        if text.peek() == closing:
            return
        key = text.value() if bracket == "{" else None
        if bracket == "{":
            text.skip(_COLON)
        yield key, text.value()


class _Text:
    """A window on a stream of UTF-8 that never holds much more than the longest row."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._at = stream, 0
        self._window, self._rest = "", b""
        self._more()

    def skip(self, pattern: re.Pattern[str]) -> None:
        """Move past what the pattern matches."""
        while True:
            match = pattern.match(self._window, self._at)
            if match is not None and (match.end() < len(self._window) or not self._more()):
                self._at = match.end()
                return
            if match is None and not self._more():
                return

    def peek(self) -> str:
        """The next character; empty at the end."""
        return self._window[self._at : self._at + 1]

    def take(self) -> str:
        """The next character, and move past it."""
        self._at += 1
        return self._window[self._at - 1 : self._at]

    def value(self) -> Any:
        """Decode the next value; read on as long as it is not whole.

        Raises:
            ValueError: it is no JSON, or longer than a row may be.
        """
        while True:
            try:
                value, self._at = _DECODER.raw_decode(self._window, self._at)
                return value
            except ValueError:
                if len(self._window) - self._at > LONGEST_ROW_BYTES or not self._more():
                    raise

    def _more(self) -> bool:
        chunk = self._stream.read(_CHUNK_BYTES)
        data = self._rest + chunk
        whole = len(data) if not chunk else _whole_characters(data)
        self._rest = data[whole:]
        text = data[:whole].decode("utf-8", "surrogateescape")
        self._window, self._at = self._window[self._at :] + text, 0
        return bool(chunk)


def _whole_characters(data: bytes) -> int:
    """Number of bytes before a character that is cut at the end."""
    for back in range(1, min(4, len(data)) + 1):
        lead = data[-back]
        if lead < 0x80:
            return len(data)
        if lead >= 0xC0:
            needs = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
            return len(data) - back if needs > back else len(data)
    return len(data)
