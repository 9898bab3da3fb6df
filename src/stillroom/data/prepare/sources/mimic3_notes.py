"""MIMIC-III: notes of intensive care. Only the user's own copy is read."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from stillroom.data.prepare.adapter import Adapter
from stillroom.data.prepare.raw.parts import Part, read_parts
from stillroom.data.prepare.raw.record import Record, UnfitError
from stillroom.data.prepare.raw.tables import csv_rows
from stillroom.data.prepare.sources.clinical_notes import note_columns
from stillroom.data.prepare.sources.shared import hidden
from stillroom.types import Source

_SOURCE = "mimic-iii"


def _row(record: Record) -> Mapping[str, Any]:
    if record.maybe("ISERROR") == "1":
        raise UnfitError("marked as an error by its author")
    admission = record.maybe("HADM_ID")
    return {
        "id": record.name("ROW_ID"),
        "patient": hidden(_SOURCE, "patient", record.text("SUBJECT_ID")),
        "document": hidden(_SOURCE, "admission", admission) if admission else "",
        **note_columns(record.text("TEXT"), record.text("CATEGORY").lower()),
    }


ADAPTER = Adapter(
    name="mimic3_notes",
    about=Source(
        "MIMIC-III Clinical Database, notes",
        "1.4",
        "PhysioNet Credentialed Health Data License 1.5.0",
        "https://physionet.org/content/mimiciii/1.4/",
        "Johnson, Pollard, Mark, MIMIC-III Clinical Database (version 1.4), PhysioNet 2016, doi:10.13026/C2XW26; "
        "Johnson et al., MIMIC-III, a freely accessible critical care database, Scientific Data 3:160035, 2016",
    ),
    summary="two million notes of intensive care, de-identified",
    access="credentialed",
    obligations=frozenset({"attribution", "no_redistribution"}),
    read=partial(read_parts, (Part("NOTEEVENTS.csv", csv_rows, _row),)),
    expected={"": 2083180},
    folder="mimic3_notes",
    files={
        "NOTEEVENTS.csv": "ROW_ID, SUBJECT_ID, HADM_ID, CHARTDATE, CHARTTIME, STORETIME, CATEGORY, DESCRIPTION, CGID, "
        "ISERROR, TEXT"
    },
    traps=(
        "only a file of your own is read; nothing is fetched, and neither rows nor a model that may repeat them may be "
        "passed on, also not to a model's operator over the network",
        "numbers of patients and admissions are hashed, which hides them from a glance, not from whoever has the table",
        "notes marked as errors (ISERROR = 1) go into quarantine",
        "identifiers were replaced by marks such as [**Name**] by machine: some were missed, so keep the "
        "de-identification stage on",
        "drafts, addenda and copied-forward notes are near copies of each other: left to the deduplication stage",
        "patients of 2008 to 2012 are in MIMIC-IV as well, under other numbers: never hold one out to test the other",
    ),
)
