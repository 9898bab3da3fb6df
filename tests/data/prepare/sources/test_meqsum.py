"""MeQSum: messages with one summary are of one concept."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

from adapted import adapted
from shared_data import shared_data
from stillroom.data.prepare.sources.meqsum import ADAPTER


def inline(column: str, text: str) -> str:
    return f'<c r="{column}1" t="inlineStr"><is><t>{text}</t></is></c>'


def test_the_real_file_has_a_thousand_messages() -> None:
    made = adapted(ADAPTER, shared_data("meqsum"))
    assert made.by("split", "task") == {("", "summarisation"): 1000}
    assert not made.reasons


def test_real_messages_that_share_their_summary_share_their_concept() -> None:
    shared = [count for count in adapted(ADAPTER, shared_data("meqsum")).by("concept").values() if count > 1]
    assert (len(shared), sum(shared)) == (5, 13)


def test_the_release_is_an_excel_file(tmp_path: Path) -> None:
    cells = (("File", "CHQ", "Summary"), ("11.txt", "SUBJECT: gout\nWhat helps?", "What helps against gout?"))
    rows = "".join(f"<row>{''.join(map(inline, 'ABC', row))}</row>" for row in cells)
    with ZipFile(tmp_path / "MeQSum_ACL2019.xlsx", "w") as file:
        file.writestr("xl/worksheets/sheet1.xml", f"<worksheet><sheetData>{rows}</sheetData></worksheet>")
    (row,) = adapted(ADAPTER, tmp_path).rows
    assert row["id"] == "meqsum/11.txt"
    assert row["context"] == "SUBJECT: gout\nWhat helps?"
    assert row["response"] == "What helps against gout?"
