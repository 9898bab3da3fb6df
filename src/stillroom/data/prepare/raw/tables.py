"""Rows of CSV, Parquet and Arrow files."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stillroom.data.prepare.adapter import Malformed
from stillroom.data.prepare.raw.lines import broken, plain_name, text_lines
from stillroom.data.prepare.raw.record import LONGEST_ROW_BYTES, TOO_LONG, Record, Records
from stillroom.types import MissingExtraError

if TYPE_CHECKING:
    import pyarrow as pa

_BAD = "\udcff"
_BATCH_ROWS = 256


def csv_rows(path: Path, columns: Sequence[str] = (), delimiter: str = ",") -> Records:
    """Yield the rows of a CSV file under the names of its first row, or under ``columns`` where it has no such row."""
    name, names = plain_name(path), list(columns)
    csv.field_size_limit(LONGEST_ROW_BYTES)
    feed = _Feed(path)
    reader = csv.reader(feed, delimiter=delimiter)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield Malformed(f"{name}:{reader.line_num}", f"no CSV, or {TOO_LONG}")
            continue
        if any(_BAD in cell for cell in cells):
            yield Malformed(f"{name}:{reader.line_num}", feed.reason)
        elif not names:
            names = [cell.strip() for cell in cells]
        elif cells:
            yield _row(name, reader.line_num, names, cells)


def tsv_rows(path: Path) -> Records:
    """Yield the rows of a file of tab-separated values."""
    return csv_rows(path, delimiter="\t")


def parquet_rows(path: Path) -> Records:
    """Yield the rows of a Parquet file.

    Raises:
        MissingExtraError: PyArrow is not installed (extra ``corpus``).
    """
    return _batched(path, _parquet_batches)


def arrow_rows(path: Path) -> Records:
    """Yield the rows of a file of an Arrow stream, as ``save_to_disk`` of Hugging Face's ``datasets`` writes them.

    Raises:
        MissingExtraError: PyArrow is not installed (extra ``corpus``).
    """
    return _batched(path, _arrow_batches)


class _Feed:
    """Lines for the CSV reader; a broken one becomes a mark, and its reason is kept."""

    def __init__(self, path: Path) -> None:
        self._lines = text_lines(path)
        self.reason = ""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        _, line = next(self._lines)
        if isinstance(line, str):
            return line
        self.reason = line.reason
        return f"{_BAD}\n"


def _row(name: str, number: int, names: Sequence[str], cells: Sequence[str]) -> Record | Malformed:
    if len(cells) != len(names):
        return Malformed(f"{name}:{number}", f"{len(cells)} cells, expected {len(names)}")
    return Record(name, number, dict(zip(names, cells, strict=True)))


def _batched(path: Path, batches: Any) -> Records:
    try:
        import pyarrow as pa
    except ImportError as error:
        raise MissingExtraError.of("pyarrow", "corpus") from error
    name, number = plain_name(path), 0
    try:
        for batch in batches(path):
            for data in batch.to_pylist():
                number += 1
                yield _sized(Record(name, number, data))
    except (OSError, pa.ArrowException) as error:
        yield broken(path, number + 1, error)


def _sized(record: Record) -> Record | Malformed:
    length = sum(len(value) for value in record.data.values() if isinstance(value, str))
    return record if length <= LONGEST_ROW_BYTES else Malformed(record.where, TOO_LONG)


def _parquet_batches(path: Path) -> Iterator[pa.RecordBatch]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        yield from file.iter_batches(batch_size=_BATCH_ROWS)


def _arrow_batches(path: Path) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    with pa.memory_map(str(path)) as source, pa.ipc.open_stream(source) as reader:
        for batch in reader:
            for start in range(0, batch.num_rows, _BATCH_ROWS):
                yield batch.slice(start, _BATCH_ROWS)
