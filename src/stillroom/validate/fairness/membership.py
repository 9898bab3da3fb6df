"""Who belongs to which subgroup: by columns of the corpus, and by attributes that are kept apart from it."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from stillroom.types import DataError, Example
from stillroom.validate.fairness.settings import FairnessSettings

UNKNOWN = "unknown"
Membership = Mapping[str, Sequence[str]]
"""Attribute → the subgroup of each example, in their order."""


def membership(examples: Sequence[Example], settings: FairnessSettings) -> dict[str, list[str]]:
    """Find the subgroup of each example under each attribute; who has none belongs to ``unknown``.

    Raises:
        DataError: the file of attributes is missing or malformed, or names none of the examples.
    """
    found: dict[str, list[str]] = {
        name: [_column(example, name) or UNKNOWN for example in examples] for name in settings.by
    }
    if settings.attributes is None:
        return found
    path = Path(settings.attributes)
    columns = read_attributes(path)
    if not any(example.id in values for values in columns.values() for example in examples):
        raise DataError(
            f"{path} names none of the {len(examples)} examples that are measured",
            "identifiers of the corpus in its column id",
            "compare them with the ids of `corpus/test.jsonl`",
        )
    return found | {
        name: [values.get(example.id) or UNKNOWN for example in examples] for name, values in columns.items()
    }


def read_attributes(path: Path) -> dict[str, dict[str, str]]:
    """Read a CSV file: attribute → identifier → subgroup.

    Raises:
        DataError: it cannot be read, lacks the column ``id``, has no other, or names one example twice.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(
            f"cannot read {path}: {type(error).__name__}", "a CSV file in UTF-8", "correct `attributes`"
        ) from error
    names = [name for name in (rows[0] if rows else {}) if name and name != "id"]
    ids = [row.get("id") or "" for row in rows]
    if not names or not all(ids) or len(set(ids)) < len(ids):
        raise DataError(
            f"{path} has {len(rows)} rows, {len(set(ids))} different ids and {len(names)} attributes",
            "one row for each id, and a column for each attribute",
            "correct the file",
        )
    return {
        name: {row["id"]: (row[name] or "").strip() for row in rows if row[name] is not None}
        for name in names
    }


def _column(example: Example, name: str) -> str:
    if name == "source":
        source, slash, _ = example.id.partition("/")
        return source if slash else ""
    return str(getattr(example, name))
