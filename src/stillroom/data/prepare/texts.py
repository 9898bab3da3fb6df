"""The texts of a table of rows, edited where they have to be and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from stillroom.data.prepare.rows import ROW

TEXTS = ("prompt", "context", "response")
"""Columns that hold one text each; ``options`` holds several."""


def edit_texts(
    rows: pa.Table, edit: Callable[[str], str], only: str | None = None
) -> tuple[pa.Table, NDArray[np.bool_]]:
    """Edit every text of a table, options included.

    Args:
        rows: as ``ROW``.
        edit: makes the new text.
        only: RE2 pattern that a text must contain to be given to ``edit``; the others are not looked at in Python.

    Returns:
        The edited table, and which of its rows have changed.
    """
    changed = np.zeros(rows.num_rows, bool)
    columns = {name: flat(rows[name]) for name in rows.column_names}
    for name in TEXTS:
        columns[name], touched = _edit(columns[name], edit, only)
        changed[touched] = True
    options = columns["options"]
    values, touched = _edit(options.flatten(), edit, only)
    changed[pc.list_parent_indices(options).to_numpy()[touched]] = True
    columns["options"] = with_values(options, values)
    return pa.Table.from_arrays([columns[name] for name in ROW.names], schema=ROW), changed


def replace_columns(rows: pa.Table, **columns: pa.Array) -> pa.Table:
    """Put new columns in the places of old ones."""
    return pa.Table.from_arrays([columns.get(name, rows[name]) for name in ROW.names], schema=ROW)


def flat(column: pa.ChunkedArray) -> pa.Array:
    """One array of a column that may lie in several."""
    joined = column.combine_chunks()
    return joined if isinstance(joined, pa.Array) else pa.concat_arrays(joined.chunks)


def with_values(lists: pa.ListArray, values: pa.Array) -> pa.ListArray:
    """Lists of the same lengths with other values."""
    lengths = pc.list_value_length(lists).to_numpy()
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), values)


def whole_texts(rows: pa.Table) -> Iterator[str]:
    """Each row's prompt, options, context and response, as one text."""
    columns = (rows[name].to_pylist() for name in ("prompt", "options", "context", "response"))
    for prompt, options, context, response in zip(*columns, strict=True):
        yield "\n".join((prompt, *options, context, response))


def _edit(
    column: pa.Array, edit: Callable[[str], str], only: str | None
) -> tuple[pa.Array, NDArray[np.int64]]:
    """Edit a column of texts; the places of those that came out otherwise."""
    places = np.arange(len(column))
    if only is not None:
        places = np.flatnonzero(pc.match_substring_regex(column, only).to_numpy(zero_copy_only=False))
    texts = column.take(pa.array(places)).to_pylist()
    edited = [edit(text) for text in texts]
    altered = np.array([old != new for old, new in zip(texts, edited, strict=True)], bool)
    if not altered.any():
        return column, places[:0]
    mask = np.zeros(len(column), bool)
    mask[places[altered]] = True
    fresh = pa.array([new for new, is_new in zip(edited, altered, strict=True) if is_new], column.type)
    return pc.replace_with_mask(column, pa.array(mask), fresh), places[altered]
