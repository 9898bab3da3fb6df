"""The rows of a corpus in the making: one Arrow schema for every source and every stage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

ROW = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("task", pa.string(), nullable=False),
        pa.field("prompt", pa.string(), nullable=False),
        pa.field("context", pa.string(), nullable=False),
        pa.field("response", pa.string(), nullable=False),
        pa.field("options", pa.list_(pa.string()), nullable=False),
        pa.field("specialty", pa.string(), nullable=False),
        pa.field("difficulty", pa.string(), nullable=False),
        pa.field("patient", pa.string(), nullable=False),
        pa.field("document", pa.string(), nullable=False),
        pa.field("concept", pa.string(), nullable=False),
        pa.field("split", pa.string(), nullable=False),
        pa.field("benchmark", pa.bool_(), nullable=False),
    ]
)
"""Columns, none of them ever null; an unknown text is empty.

``id``
    ``source/native identifier``: unique in the corpus and safe to log, so never a patient's name or number.
``task``
    Kind of task: ``multiple_choice``, ``question_answering``, ``summarisation``, ``note_section`` …
``prompt``, ``context``, ``response``
    The question or instruction, what it is asked about (an abstract, a conversation, a note), and the answer to learn.
``options``
    Options of a multiple-choice item, the response among them; otherwise empty.
``patient``, ``document``, ``concept``
    What may not be in two splits.
``split``
    The source's own split: ``train``, ``validation``, ``test``, or empty where it has none.
``benchmark``
    A test item of a published benchmark: never learned from, and nothing near it either.
"""

_EMPTY: dict[str, Any] = {"options": [], "benchmark": False}


def table(rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Make a table of rows; columns that a row leaves out are empty.

    Raises:
        KeyError: a row has a column that is not one of ``ROW``.

    >>> made = table([{"id": "a/1", "source": "a", "task": "note", "prompt": "What is seen?"}])
    >>> made.num_rows, made["context"][0].as_py(), made["options"][0].as_py()
    (1, '', [])
    """
    listed = list(rows)
    for row in listed:
        if unknown := row.keys() - set(ROW.names):
            raise KeyError(f"no column {min(unknown)!r} in a row; columns: {', '.join(ROW.names)}")
    columns = [
        pa.array([row.get(field.name, _EMPTY.get(field.name, "")) for row in listed], field.type)
        for field in ROW
    ]
    return pa.Table.from_arrays(columns, schema=ROW)
