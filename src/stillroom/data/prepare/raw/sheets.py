"""Rows of Excel files: the first sheet, as text."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError
from zipfile import BadZipFile, ZipFile

from stillroom.data.prepare.raw.lines import broken
from stillroom.data.prepare.raw.record import Record, Records
from stillroom.data.prepare.raw.xml_items import xml_root

_SHEET, _TEXTS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
_LARGEST_PART_BYTES = 2**28
_COLUMN = re.compile(r"[A-Z]+")


def sheet_rows(path: Path) -> Records:
    """Yield the rows of the first sheet under the names of its first row; cells are texts, numbers as they are stored.

    The sheet is read whole: a million rows are a database, and no Excel file.
    """
    names: dict[str, str] | None = None
    try:
        for number, cells in enumerate(_rows(path), start=1):
            if names is None:
                names = {column: name.strip() for column, name in cells.items()}
            elif cells:
                yield Record(
                    path.name, number, {name: cells.get(column, "") for column, name in names.items()}
                )
    except (OSError, ValueError, KeyError, IndexError, BadZipFile, ParseError, zlib.error) as error:
        yield broken(path, 1, error)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with ZipFile(path) as file:
        texts = [_text(item) for item in _part(file, _TEXTS)] if _TEXTS in file.namelist() else []
        sheet = _part(file, _SHEET)
    for row in sheet.iterfind(".//{*}sheetData/{*}row"):
        yield {_column(cell): value for cell in row if (value := _value(cell, texts))}


def _part(file: ZipFile, name: str) -> Element:
    if file.getinfo(name).file_size > _LARGEST_PART_BYTES:
        raise ValueError("a part that unpacks beyond measure")
    return xml_root(file.read(name))


def _column(cell: Element) -> str:
    letters = _COLUMN.match(cell.get("r", ""))
    if letters is None:
        raise ValueError("a cell without a place")
    return letters.group()


def _value(cell: Element, texts: Sequence[str]) -> str:
    inline, stored = cell.find("{*}is"), cell.findtext("{*}v") or ""
    if inline is not None:
        return _text(inline)
    return texts[int(stored)] if cell.get("t") == "s" else stored


def _text(item: Element) -> str:
    """A text, of one piece or of several that look different; how it is pronounced is left out."""
    return "".join(piece.text or "" for piece in (*item.iterfind("{*}t"), *item.iterfind("{*}r/{*}t")))
