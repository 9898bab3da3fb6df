"""MIMIC-IV-Note: discharge summaries and radiology reports. Only the user's own copy is read."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from stillroom.data.prepare.adapter import Adapter
from stillroom.data.prepare.raw.parts import Part, read_parts
from stillroom.data.prepare.raw.record import Record
from stillroom.data.prepare.raw.tables import csv_rows
from stillroom.data.prepare.sources.clinical_notes import note_columns
from stillroom.data.prepare.sources.shared import hidden
from stillroom.types import Source

_SOURCE = "mimic-iv"


def _row(record: Record, kind: str) -> Mapping[str, Any]:
    admission = record.maybe("hadm_id")
    return {
        "id": f"{record.text('note_type')}-{hidden(_SOURCE, 'note', record.text('note_id'))}",
        "patient": hidden(_SOURCE, "patient", record.text("subject_id")),
        "document": hidden(_SOURCE, "admission", admission) if admission else "",
        **note_columns(record.text("text"), kind),
    }


def _part(name: str, kind: str) -> Part:
    return Part(f"**/{name}.csv", csv_rows, partial(_row, kind=kind))


_PARTS = (_part("discharge", "discharge summary"), _part("radiology", "radiology report"))

ADAPTER = Adapter(
    name="mimic4_notes",
    about=Source(
        "MIMIC-IV-Note",
        "2.2",
        "PhysioNet Credentialed Health Data License 1.5.0",
        "https://physionet.org/content/mimic-iv-note/2.2/",
        "Johnson, Pollard, Horng, Celi, Mark, MIMIC-IV-Note: Deidentified free-text clinical notes (version 2.2), "
        "PhysioNet 2023, doi:10.13026/1n74-ne17",
    ),
    summary="discharge summaries and radiology reports of a hospital, de-identified",
    access="credentialed",
    obligations=frozenset({"attribution", "no_redistribution"}),
    read=partial(read_parts, _PARTS),
    expected={"": 331794 + 2321355},
    folder="mimic4_notes",
    files={
        "note/{discharge,radiology}.csv": "note_id, subject_id, hadm_id, note_type, note_seq, charttime, storetime, "
        "text"
    },
    traps=(
        "only files of your own are read; nothing is fetched, and neither rows nor a model that may repeat them may be "
        "passed on, also not to a model's operator over the network",
        "note_id begins with the patient's number: it is hashed, as are those of patients and admissions. That hides "
        "them from a glance, not from whoever has the table",
        "identifiers were replaced by '___': nothing tells a name from a date, and some were missed, so keep the "
        "de-identification stage on",
        "addenda (types AD, AR) repeat their note: left to the deduplication stage",
        "patients of 2008 to 2012 are in MIMIC-III as well, under other numbers: never hold one out to test the other",
    ),
)
