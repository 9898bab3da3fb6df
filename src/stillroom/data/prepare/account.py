"""What became of rows: how many came, went on, were changed or left out, and what it cost."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from stillroom.types.files import write_json


@dataclass(frozen=True)
class Account:
    """Counts of one shard, of a source, or of a whole stage; they add up.

    Attributes:
        rows_in: rows that came.
        rows_out: rows that go on; more than came where a stage cuts notes into sections.
        changed: rows that go on and are not as they came.
        dropped: rows left out, by reason.
        facts: further counts of the stage's own.
        seconds: time of work, of all processes together.
        peak_memory_bytes: highest resident memory of one process.
    """

    rows_in: int = 0
    rows_out: int = 0
    changed: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)
    facts: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    peak_memory_bytes: int = 0

    def __add__(self, other: Account) -> Account:
        """Add two accounts.

        >>> both = Account(2, 1, dropped={"short": 1}) + Account(3, 2, dropped={"short": 1})
        >>> both.rows_in, both.rows_out, both.dropped
        (5, 3, {'short': 2})
        """
        return Account(
            self.rows_in + other.rows_in,
            self.rows_out + other.rows_out,
            self.changed + other.changed,
            _sum(self.dropped, other.dropped),
            _sum(self.facts, other.facts),
            self.seconds + other.seconds,
            max(self.peak_memory_bytes, other.peak_memory_bytes),
        )

    def counts(self) -> dict[str, Any]:
        """What depends on the rows alone, and not on the machine."""
        told = asdict(self)
        return {name: told[name] for name in ("rows_in", "rows_out", "changed", "dropped", "facts")}

    def write(self, path: Path) -> None:
        """Write it to a file."""
        write_json(path, asdict(self))

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read it back."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))


def _sum(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    total = Counter(one)
    total.update(other)
    return dict(sorted(total.items()))
