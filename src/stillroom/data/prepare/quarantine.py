"""Raw rows that could not become rows: each is listed with its reason, and too many end the run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TextIO

from stillroom.data.prepare.adapter import Malformed
from stillroom.types import DataError
from stillroom.types.files import canonical_json

_ROWS_BEFORE_JUDGING = 1000


@dataclass(frozen=True, slots=True)
class Limit:
    """How much of a source may go into quarantine.

    Attributes:
        share: largest share of its raw rows.
        rows: most raw rows; None where the share alone decides.
    """

    share: float
    rows: int | None = None


class Quarantine:
    """What is wrong in a source.

    Attributes:
        reasons: how many raw rows were put away, by reason.
    """

    def __init__(self, source: str, limit: Limit) -> None:
        """Open it for a source."""
        self.reasons: dict[str, int] = {}
        self._source, self._limit = source, limit
        self._list: TextIO = StringIO()
        self._path = Path()

    @property
    def rows(self) -> int:
        """How many raw rows were put away."""
        return sum(self.reasons.values())

    @contextmanager
    def kept(self, path: Path) -> Iterator[None]:
        """List them in a file, also where the source is not read to its end."""
        self._path = path
        with path.open("w", encoding="utf-8") as self._list:
            yield

    def add(self, malformed: Malformed, place: int) -> None:
        """Put a raw row away.

        Args:
            malformed: where it lies and what is wrong.
            place: its number among the raw rows.

        Raises:
            DataError: that is too many.
        """
        self._put(malformed)
        self._judge(place, max(place, _ROWS_BEFORE_JUDGING))

    def finish(self, sound: int) -> None:
        """Judge the whole source.

        Raises:
            DataError: too many raw rows were put away, or there was none at all.
        """
        if not sound and not self.rows:
            self._put(Malformed("", "a source without rows"))
        self._judge(sound + self.rows, sound + self.rows)

    def _put(self, malformed: Malformed) -> None:
        self.reasons[malformed.reason] = self.reasons.get(malformed.reason, 0) + 1
        line = {"source": self._source, "where": malformed.where, "reason": malformed.reason}
        self._list.write(canonical_json(line) + "\n")

    def _judge(self, seen: int, reckoned: int) -> None:
        too_many = self._limit.rows is not None and self.rows > self._limit.rows
        if not too_many and self.rows <= self._limit.share * reckoned:
            return
        reasons = ", ".join(f"{count} with {reason}" for reason, count in self.reasons.items())
        rows = "" if self._limit.rows is None else f" and {self._limit.rows} rows"
        raise DataError(
            f"source {self._source!r} has {self.rows} malformed of {seen} rows: {reasons}",
            f"at most {self._limit.share:.1%}{rows}",
            f"look at {self._path}, correct the source, or raise corpus.quarantine.share",
        )
