"""MIMIC-III: made notes in the documented columns; numbers of patients cannot be read off."""

from __future__ import annotations

from pathlib import Path

from adapted import adapted
from stillroom.data.prepare.sources.mimic3_notes import ADAPTER

HEAD = (
    '"ROW_ID","SUBJECT_ID","HADM_ID","CHARTDATE","CHARTTIME","STORETIME","CATEGORY","DESCRIPTION","CGID","ISERROR",'
    '"TEXT"\n'
)
NOTES = (
    '174,22532,167853,"2151-08-04",,,"Discharge summary","Report",,,'
    '"Admission Date: [**2151-7-16**]\n\nSlept ""well""."\n'
    '175,22532,,"2151-08-05",,,"Nursing/other","Report",,,"Calm."\n'
    '176,13702,107527,"2118-06-14",,,"Nursing","Report",,"1","Wrong patient."\n'
    '177,13702,107527,"2118-06-14",,,"ECG","Report",,,\n'
)


def test_notes_of_a_patient_are_held_together_by_a_hash(tmp_path: Path) -> None:
    (tmp_path / "NOTEEVENTS.csv").write_text(HEAD + NOTES)
    made = adapted(ADAPTER, tmp_path)
    first, second = made.rows
    assert first["id"] == "mimic3_notes/174"
    assert first["patient"] == second["patient"] != ""
    assert first["document"] != ""
    assert second.get("document", "") == ""
    assert not {"22532", "167853"} & {first["patient"], first["document"]}
    assert first["response"] == 'Admission Date: [**2151-7-16**]\n\nSlept "well".'


def test_errors_and_empty_notes_are_told_without_their_text(tmp_path: Path) -> None:
    (tmp_path / "NOTEEVENTS.csv").write_text(HEAD + NOTES)
    assert adapted(ADAPTER, tmp_path).reasons == {
        "marked as an error by its author": 1,
        "'TEXT' is empty": 1,
    }


def test_it_is_credentialed_and_not_to_be_passed_on() -> None:
    assert ADAPTER.access == "credentialed"
    assert "no_redistribution" in ADAPTER.obligations
