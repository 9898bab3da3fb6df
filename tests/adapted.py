"""What an adapter makes of files, as tests look at it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stillroom.data.prepare.adapter import Adapter, Malformed
from stillroom.data.prepare.sound import row_of


@dataclass(frozen=True)
class Adapted:
    """Rows that are sound, and why others are not."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)

    def by(self, *columns: str) -> Counter[tuple[Any, ...]]:
        """How many rows have the same in some columns."""
        return Counter(tuple(row.get(name, "") for name in columns) for row in self.rows)

    def __getitem__(self, id: str) -> dict[str, Any]:
        return next(row for row in self.rows if row["id"].partition("/")[2] == id)


def adapted(adapter: Adapter, path: Path) -> Adapted:
    """Read a source as the preparation does."""
    made = Adapted()
    for raw in adapter.read(path):
        row = raw.reason if isinstance(raw, Malformed) else row_of(raw, adapter.name, 10**6)
        if isinstance(row, str):
            made.reasons[row] += 1
        else:
            made.rows.append(row)
    return made


def write_lines(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """Write JSON Lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")


def write_json(path: Path, data: Any) -> None:
    """Write JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data), encoding="utf-8")
