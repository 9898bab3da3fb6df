"""Excel files: shared and inline texts, empty cells, and what is no Excel file."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import pytest

from stillroom.data.prepare.adapter import Malformed
from stillroom.data.prepare.raw.record import Record
from stillroom.data.prepare.raw.sheets import sheet_rows

NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
TEXTS = (
    f"<sst {NAMESPACE}><si><t>name</t></si><si><t>dose</t></si>"
    "<si><r><t>Aspi</t></r><r><t>rin</t></r><rPh><t>read aloud</t></rPh></si></sst>"
)
SHEET = f"""<worksheet {NAMESPACE}><sheetData>
<row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="s"><v>1</v></c></row>
<row r="2"><c r="A2" t="s"><v>2</v></c><c r="C2"><v>100</v></c></row>
<row r="3"><c r="A3" t="inlineStr"><is><t>Ibuprofen</t></is></c></row>
<row r="4"/>
</sheetData></worksheet>"""


def write(path: Path, sheet: str = SHEET) -> Path:
    with ZipFile(path, "w") as file:
        file.writestr("xl/sharedStrings.xml", TEXTS)
        file.writestr("xl/worksheets/sheet1.xml", sheet)
    return path


def test_cells_are_found_by_their_column_and_empty_ones_are_empty(tmp_path: Path) -> None:
    assert list(sheet_rows(write(tmp_path / "a.xlsx"))) == [
        Record("a.xlsx", 2, {"name": "Aspirin", "dose": "100"}),
        Record("a.xlsx", 3, {"name": "Ibuprofen", "dose": ""}),
    ]


@pytest.mark.parametrize(
    ("sheet", "error"),
    [
        (SHEET.replace("<v>2</v>", "<v>9</v>"), "IndexError"),
        (SHEET.replace('r="A2"', ""), "ValueError"),
        ("<worksheet>", "ParseError"),
    ],
)
def test_a_broken_sheet_is_told(tmp_path: Path, sheet: str, error: str) -> None:
    *_, last = sheet_rows(write(tmp_path / "a.xlsx", sheet))
    assert last == Malformed("a.xlsx:1", f"the file cannot be read on ({error})")


def test_what_is_no_excel_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_text("File,CHQ,Summary")
    assert list(sheet_rows(tmp_path / "a.xlsx")) == [
        Malformed("a.xlsx:1", "the file cannot be read on (BadZipFile)")
    ]


def test_a_part_that_unpacks_beyond_measure_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stillroom.data.prepare.raw.sheets._LARGEST_PART_BYTES", 10)
    assert list(sheet_rows(write(tmp_path / "a.xlsx"))) == [
        Malformed("a.xlsx:1", "the file cannot be read on (ValueError)")
    ]
