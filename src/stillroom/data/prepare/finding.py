"""Which sources are here, and whether they hold what was published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stillroom.data.prepare.adapter import Adapter, Malformed
from stillroom.types import MissingExtraError


def place_of(adapter: Adapter, folder: Path | None = None) -> Path | None:
    """Find the files of a source: in a folder of many sources, or in an installed package.

    Args:
        adapter: the source.
        folder: holds a folder for each source, or is None.

    Returns:
        Where its files are, or None.
    """
    if folder and adapter.folder and (folder / adapter.folder).is_dir():
        return folder / adapter.folder
    try:
        return adapter.locate() if adapter.locate else None
    except MissingExtraError:
        return None


@dataclass(frozen=True)
class Found:
    """What the files of a source hold.

    Attributes:
        rows: rows of each split, all tasks together.
        malformed: rows that cannot be read, by reason.
        expected: rows of each split as published; empty where that is not fixed.
    """

    rows: Mapping[str, int]
    malformed: Mapping[str, int] = field(default_factory=dict)
    expected: Mapping[str, int] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        """``as published`` where every row is a row or malformed, otherwise what is different."""
        if not self.expected:
            return "nothing to compare with"
        more = any(count > self.expected.get(split, 0) for split, count in self.rows.items())
        missing = sum(self.expected.values()) - sum(self.rows.values()) - sum(self.malformed.values())
        if more or missing < 0:
            return "split otherwise than published" if missing >= 0 else "more than published"
        return f"{missing:,} fewer than published" if missing else "as published"


def count(adapter: Adapter, path: Path) -> Found:
    """Read a source to its end and count its rows; nothing of them is kept.

    Raises:
        DataError: its files are missing, or not those of this source.
    """
    rows, malformed = Counter[str](), Counter[str]()
    for raw in adapter.read(path):
        if isinstance(raw, Malformed):
            malformed[raw.reason] += 1
        else:
            rows[raw.get("split", "")] += 1
    return Found(dict(rows), dict(malformed), adapter.expected)
