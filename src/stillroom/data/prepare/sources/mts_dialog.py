"""MTS-Dialog: conversations of doctor and patient, and the section of the note that was written of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from stillroom.data.prepare.adapter import Adapter
from stillroom.data.prepare.raw.lines import json_lines
from stillroom.data.prepare.raw.parts import BENCHMARK, TRAIN, VALIDATION, Part, read_parts
from stillroom.data.prepare.raw.record import Record, UnfitError, choice
from stillroom.data.prepare.raw.tables import csv_rows
from stillroom.types import Source

SECTIONS: Mapping[str, str] = {
    "FAM/SOCHX": "family and social history",
    "GENHX": "history of present illness",
    "PASTMEDICALHX": "past medical history",
    "CC": "chief complaint",
    "PASTSURGICAL": "past surgical history",
    "ALLERGY": "allergies",
    "ROS": "review of systems",
    "MEDICATIONS": "medications",
    "ASSESSMENT": "assessment",
    "EXAM": "examination",
    "DIAGNOSIS": "diagnosis",
    "DISPOSITION": "disposition",
    "PLAN": "plan",
    "EDCOURSE": "emergency department course",
    "IMMUNIZATIONS": "immunizations",
    "IMAGING": "imaging",
    "GYNHX": "gynecologic history",
    "PROCEDURES": "procedures",
    "OTHER_HISTORY": "other history",
    "LABS": "laboratory results",
}
_NAMES = tuple(SECTIONS.values())
_FILES = {
    "train.jsonl": TRAIN,
    "val.jsonl": VALIDATION,
    "test1.jsonl": BENCHMARK,
    "test2.jsonl": BENCHMARK,
    "MTS-Dialog-TrainingSet.csv": TRAIN,
    "MTS-Dialog-ValidationSet.csv": VALIDATION,
    "MTS-Dialog-TestSet-1-*.csv": BENCHMARK,
    "MTS-Dialog-TestSet-2-*.csv": BENCHMARK,
}


def _written(record: Record) -> Mapping[str, Any]:
    id = _id(record)
    return {
        "id": id,
        "task": "note_section",
        "prompt": f"Write the section '{_section(record)}' of the clinical note from the conversation.",
        "context": _dialogue(record),
        "response": record.text("section_text"),
        "document": id,
    }


def _named(record: Record) -> Mapping[str, Any]:
    id = _id(record)
    return {
        "id": f"{id}-section",
        "task": "classification",
        "prompt": "Which section of the clinical note does the conversation belong in?",
        "context": _dialogue(record),
        "document": id,
        **choice(_NAMES, _NAMES.index(_section(record))),
    }


def _id(record: Record) -> str:
    if "id" in record.data:
        return record.name("id")
    return f"{record.stem.removeprefix('MTS-Dialog-')}-{record.name('ID')}"


def _section(record: Record) -> str:
    section = SECTIONS.get(record.text("section_header").upper())
    if section is None:
        raise UnfitError("none of the twenty sections")
    return section


def _dialogue(record: Record) -> str:
    dialogue = record.text("dialogue")
    quoted = dialogue.startswith('"') and dialogue.endswith('"')
    return dialogue.strip('"') if quoted else dialogue


def _parts() -> Iterator[Part]:
    for pattern, columns in _FILES.items():
        records = json_lines if pattern.endswith(".jsonl") else csv_rows
        for row in (_written, _named):
            yield Part(pattern, records, row, columns)


ADAPTER = Adapter(
    name="mts_dialog",
    about=Source(
        "MTS-Dialog",
        "2023",
        "CC BY 4.0",
        "https://github.com/abachaa/MTS-Dialog",
        "Ben Abacha, Yim, Fan, Lin, An Empirical Study of Clinical Note Generation from Doctor-Patient Encounters, "
        "EACL 2023, pages 2291-2302",
    ),
    summary="short conversations of doctor and patient, with a section of the note and its header",
    access="open",
    obligations=frozenset({"attribution"}),
    read=partial(read_parts, tuple(_parts())),
    expected={"train": 2402, "validation": 200, "test": 800},
    folder="mts_dialog",
    files={
        "MTS-Dialog-{TrainingSet,ValidationSet,TestSet-*}.csv": "ID, section_header, section_text, dialogue",
        "{train,val,test1,test2}.jsonl": "id, section_header, section_text, dialogue",
    },
    traps=(
        "every conversation gives two rows of one document: write the section, and name it",
        "two conversations stand in two splits (train and val, train and test 1): test rows are a benchmark, so the "
        "isolation stage takes their copies out of training",
        "headers are abbreviations in capitals or small letters: they are written out",
        "seven sections have fewer than ten training rows: the long-tail report names them",
        "85 of 1,701 sections only say 'None.' or 'Noncontributory.': they are what was written, and kept",
        "the augmented files are the training set translated to and fro: they are not read",
        "one conversation of test 1 stands in quotation marks, which are taken off",
    ),
)
