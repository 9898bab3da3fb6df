"""Rows, sources and stages that tests of the preparation share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from stillroom.data.prepare.adapter import Adapter, RawRow
from stillroom.data.prepare.quarantine import Limit
from stillroom.data.prepare.reading import ReadTask, SourceFiles, Use
from stillroom.data.prepare.rows import ROW, table
from stillroom.data.prepare.stage import DROPPED, Outcome
from stillroom.types import Source

ABOUT = Source("made", "1", "CC0-1.0", "https://example.org", "none")
STRICT = Limit(share=0.0)
LOOSE = Limit(share=1.0)


def raw(id: str | int, **columns: Any) -> dict[str, Any]:
    """A raw row that is sound."""
    return {
        "id": str(id),
        "task": "question_answering",
        "prompt": f"What is {id}?",
        "response": f"It is {id}.",
        **columns,
    }


@dataclass(frozen=True)
class Given:
    """Reads the rows that it was given."""

    rows: Sequence[RawRow]

    def __call__(self, path: Path) -> Iterator[RawRow]:
        yield from self.rows


def source(name: str, rows: Sequence[RawRow], path: Path, use: Use = "learn") -> SourceFiles:
    """A source of rows that are given."""
    adapter = Adapter(name, ABOUT, "made rows", "open", frozenset(), Given(rows))
    return SourceFiles(name, adapter, path, use)


def read_task(
    files: SourceFiles, folder: Path, number: int = 0, limit: Limit = STRICT, rows_per_shard: int = 4
) -> ReadTask:
    """What reads it into small shards."""
    folder.mkdir(exist_ok=True)
    return ReadTask(files, number, folder, limit, longest_row_characters=1000, rows_per_shard=rows_per_shard)


def made_rows(*rows: Mapping[str, Any]) -> pa.Table:
    """A table of raw rows of the source ``made``."""
    return table({**row, "source": "made"} for row in rows)


@dataclass(frozen=True)
class DropDigit:
    """Leaves out the rows whose identifier ends with a digit, and capitalises the others."""

    digit: str
    name: str = "drop_digit"

    def apply(self, rows: pa.Table) -> Outcome:
        """Look at the identifiers."""
        mask = pc.ends_with(rows["id"], self.digit)
        out, kept = rows.filter(mask), rows.filter(pc.invert(mask))
        reasons = ["digit"] * out.num_rows
        dropped = pa.Table.from_arrays(
            [
                out["id"].combine_chunks(),
                pa.array(reasons, pa.string()),
                pa.array([""] * len(reasons), pa.string()),
            ],
            schema=DROPPED,
        )
        at = ROW.get_field_index("prompt")
        upper = kept.set_column(at, ROW.field("prompt"), pc.utf8_upper(kept["prompt"]))
        return Outcome(upper, dropped, changed=kept.num_rows, facts={"seen": rows.num_rows})


@dataclass(frozen=True)
class DropLargest:
    """Surveys all identifiers, and leaves out those that end as the largest does."""

    name: str = "drop_largest"

    def survey(self, rows: pa.Table) -> str:
        """Note the largest."""
        return max(rows["id"].to_pylist())

    def decide(self, surveys: Iterable[str]) -> DropDigit:
        """Take its last digit."""
        return DropDigit(max(surveys)[-1], self.name)
