"""Columns of a table on disk, as arrays: Parquet or CSV."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stillroom.types import DataError, MissingExtraError


def read_columns(path: Path, columns: Mapping[str, type[np.generic]]) -> dict[str, NDArray[Any]]:
    """Read some columns of a Parquet or CSV file (``.gz`` too).

    Args:
        path: the file.
        columns: name and NumPy type of each.

    Returns:
        An array for each; missing numbers are NaN in columns of floats, missing texts empty.

    Raises:
        DataError: the file cannot be read, or lacks a column, or a value is not of the type.
        MissingExtraError: PyArrow is absent.
    """
    try:
        from pyarrow import ArrowException, csv, parquet
    except ImportError as error:
        raise MissingExtraError.of("pyarrow", "bedside") from error
    try:
        table = parquet.read_table(path) if path.suffix == ".parquet" else csv.read_csv(path)
    except (OSError, ArrowException) as error:
        raise DataError(
            f"cannot read {path}: {type(error).__name__}",
            "the file as its source gives it",
            "correct data.folder",
        ) from error
    missing = [name for name in columns if name not in table.column_names]
    if missing:
        raise DataError(
            f"{path.name} has no column {missing[0]!r}",
            f"the columns {', '.join(columns)}",
            "take the file as its source gives it",
        )
    return {name: _array(table, name, kind, path) for name, kind in columns.items()}


def _array(table: Any, name: str, kind: type[np.generic], path: Path) -> NDArray[Any]:
    try:
        if kind is np.str_:
            # By their codes: there are few texts, and many rows.
            coded = table[name].cast("string").combine_chunks().fill_null("").dictionary_encode()
            texts: NDArray[Any] = np.asarray(coded.dictionary.to_pylist(), dtype=kind)
            return np.asarray(texts[coded.indices.to_numpy()])
        return np.asarray(table[name].to_numpy()).astype(kind)
    except (TypeError, ValueError) as error:
        raise DataError(
            f"column {name!r} of {path.name} holds something else than {kind.__name__}",
            "numbers in every row",
            "take the file as its source gives it",
        ) from error
