"""What a source is: how its files are read, on what terms, and what must be found in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from stillroom.types import Source

Access = Literal["open", "credentialed"]
Obligation = Literal["attribution", "share_alike", "non_commercial", "no_redistribution", "model_licence"]


@dataclass(frozen=True, slots=True)
class Malformed:
    """A raw row that cannot be read.

    Attributes:
        where: file and line or row, such as ``test.jsonl.gz:17``; never its text.
        reason: what is wrong with it, such as ``no JSON``.
    """

    where: str
    reason: str


RawRow = Mapping[str, Any] | Malformed
"""Columns of :data:`stillroom.data.prepare.rows.ROW`, or what is wrong with the row.

Whoever reads them all adds ``source`` and puts it before ``id`` (``medquad/…``): the same files may be read under two
names. Columns that a source says nothing of are left out.
"""


@dataclass(frozen=True)
class Adapter:
    """A source.

    Attributes:
        name: its name in recipes, and first part of its rows' identifiers.
        about: provenance and licence.
        summary: what it holds, in a line.
        access: whether anyone may have it.
        obligations: what its licence asks of whoever uses it, passed on to the student's card.
        read: yields the rows of a file or folder, one by one.
        expected: rows of each split in the published release; empty where the release is not fixed.
        folder: name of its folder in a folder of many sources.
        files: columns of each file that is read, by its name.
        traps: what is wrong with the source, and what is done about it.
        locate: finds the data of an installed package; then no path is needed.
    """

    name: str
    about: Source
    summary: str
    access: Access
    obligations: frozenset[Obligation]
    read: Callable[[Path], Iterator[RawRow]]
    expected: Mapping[str, int] = field(default_factory=dict)
    folder: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    traps: tuple[str, ...] = ()
    locate: Callable[[], Path] | None = None
