"""What a stage is: a function from a table to a table that accounts for every row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar, runtime_checkable

import pyarrow as pa

DROPPED = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("because_of", pa.string(), nullable=False),
    ]
)
"""Rows that a stage leaves out: which, why, and the row that is the cause (a duplicate's original), or nothing."""

T = TypeVar("T")


def nothing_dropped() -> pa.Table:
    """Return an empty table of dropped rows."""
    return DROPPED.empty_table()


@dataclass(frozen=True)
class Outcome:
    """What a stage made of a table.

    Attributes:
        rows: the rows that go on, in the order of the table, as ``ROW``.
        dropped: the rows that do not, as ``DROPPED``.
        changed: how many of the rows that go on are not as they came.
        facts: further counts, by name; those of all tables are added up.
    """

    rows: pa.Table
    dropped: pa.Table = field(default_factory=nothing_dropped)
    changed: int = 0
    facts: Mapping[str, int] = field(default_factory=dict)


@runtime_checkable
class Stage(Protocol):
    """A step that looks at each table alone. It can be pickled: tables are worked on in many processes."""

    @property
    def name(self) -> str:
        """Name of the stage, as in the recipe."""

    def apply(self, rows: pa.Table) -> Outcome:
        """Work on one table. The result depends on these rows and the stage's fields alone."""


class SurveyingStage(Protocol[T]):
    """A step that must have seen all tables before it can work on one."""

    @property
    def name(self) -> str:
        """Name of the stage, as in the recipe."""

    def survey(self, rows: pa.Table) -> T:
        """Note what has to be known of one table; called in many processes, so the note can be pickled."""

    def decide(self, surveys: Iterable[T]) -> Stage:
        """Read the notes of all tables, in the tables' order, and return the stage that then works on each."""


AnyStage = Stage | SurveyingStage[Any]
