"""MIMIC-IV: made notes in the documented columns; an identifier does not begin with the patient's number."""

from __future__ import annotations

import gzip
from pathlib import Path

from adapted import adapted
from stillroom.data.prepare.sources.mimic4_notes import ADAPTER

HEAD = "note_id,subject_id,hadm_id,note_type,note_seq,charttime,storetime,text\n"
NOTE = '10000032-DS-21,10000032,22595853,DS,21,2180-05-07 00:00:00,,"Name:  ___\nService: MEDICINE"\n'
REPORT = "10000032-RR-14,10000032,,RR,14,2180-05-06 21:19:00,,EXAMINATION: CHEST\n"


def test_both_tables_are_read_gzipped_and_in_their_folder(tmp_path: Path) -> None:
    (tmp_path / "note").mkdir()
    for name, line in (("discharge", NOTE), ("radiology", REPORT)):
        with gzip.open(tmp_path / "note" / f"{name}.csv.gz", "wt") as file:
            file.write(HEAD + line)
    made = adapted(ADAPTER, tmp_path)
    summary, report = made.rows
    assert (summary["prompt"], report["prompt"]) == (
        "Write a clinical note. Kind: discharge summary.",
        "Write a clinical note. Kind: radiology report.",
    )
    assert summary["patient"] == report["patient"]
    assert not made.reasons


def test_no_number_of_a_patient_is_in_what_may_be_logged(tmp_path: Path) -> None:
    (tmp_path / "discharge.csv").write_text(HEAD + NOTE)
    (row,) = adapted(ADAPTER, tmp_path).rows
    assert row["id"].startswith("mimic4_notes/DS-")
    assert "10000032" not in "".join((row["id"], row["patient"], row["document"]))
