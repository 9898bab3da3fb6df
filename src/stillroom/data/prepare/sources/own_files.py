"""The user's own files: JSON Lines, CSV, Parquet, and data sets of Hugging Face."""

from __future__ import annotations

from functools import partial

from stillroom.data.prepare.adapter import Adapter
from stillroom.data.prepare.raw.json_items import json_items
from stillroom.data.prepare.raw.lines import json_lines
from stillroom.data.prepare.raw.tables import arrow_rows, csv_rows, parquet_rows, tsv_rows
from stillroom.data.prepare.sources.own_rows import COLUMNS, Formats, read_own
from stillroom.types import Source

LICENCE = "yours to check; it is not known here, state it in the recipe"
TRAPS = (
    "identifiers are written to logs: none may be a patient's name or number",
    "columns under other names are passed over; a row without prompt or response goes into quarantine",
    "a split is what a row's column, its file or its folder is called (train, val, valid, dev, validation, test)",
    "licence and obligations are not known here: the student's card says so",
)


def _own(name: str, title: str, formats: Formats) -> Adapter:
    return Adapter(
        name=name,
        about=Source(title, "", LICENCE, "", ""),
        summary=f"files of your own: {title}",
        access="open",
        obligations=frozenset(),
        read=partial(read_own, formats=formats),
        files=COLUMNS,
        traps=TRAPS,
    )


JSONL = _own("jsonl", "JSON Lines or JSON arrays", {"*.jsonl": json_lines, "*.json": json_items})
CSV = _own("csv", "CSV or TSV", {"*.csv": csv_rows, "*.tsv": tsv_rows})
PARQUET = _own("parquet", "Parquet", {"*.parquet": parquet_rows})
HUGGINGFACE = _own(
    "huggingface",
    "a data set of Hugging Face, saved to disk or from its hub",
    {
        "dataset_*.json": None,
        "state.json": None,
        "data-*.arrow": arrow_rows,
        "*.parquet": parquet_rows,
        "*.jsonl": json_lines,
        "*.json": json_items,
        "*.csv": csv_rows,
    },
)
