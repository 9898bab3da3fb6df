"""XML files, read without trust in them."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from stillroom.data.prepare.raw.lines import broken, opened, plain_name
from stillroom.data.prepare.raw.record import Record, Records

_ENTITIES = (b"<!DOCTYPE", b"<!ENTITY")
"""With entities of its own a small file can grow without end, or name other files."""


def xml_items(path: Path, items: Callable[[ElementTree.Element], Iterable[Mapping[str, Any]]]) -> Records:
    """Yield what ``items`` finds below the root of an XML file, plain or gzipped, each as a record."""
    name = plain_name(path)
    try:
        with opened(path) as file:
            root = xml_root(file.read())
    except (OSError, EOFError, ValueError, zlib.error, gzip.BadGzipFile, ElementTree.ParseError) as error:
        yield broken(path, 1, error)
        return
    for number, data in enumerate(items(root), start=1):
        yield Record(name, number, data)


def xml_root(text: bytes) -> ElementTree.Element:
    """Parse XML.

    Raises:
        ValueError: it declares entities.
        ElementTree.ParseError: it is no XML.
    """
    if any(mark in text for mark in _ENTITIES):
        raise ValueError("it declares entities")
    return ElementTree.fromstring(text)  # noqa: S314 - a file that declares entities has been refused
