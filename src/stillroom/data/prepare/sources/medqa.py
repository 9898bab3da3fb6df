"""MedQA: questions of the US medical licensing exam."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from stillroom.data.prepare.adapter import Adapter
from stillroom.data.prepare.raw.lines import json_lines
from stillroom.data.prepare.raw.parts import BENCHMARK, TRAIN, VALIDATION, Part, read_parts
from stillroom.data.prepare.raw.record import Record, lettered
from stillroom.types import Source

_SPLITS = {"train": TRAIN, "dev": VALIDATION, "test": BENCHMARK}


def _row(record: Record) -> Mapping[str, Any]:
    letter = record.data.get("answer_idx", record.data.get("answer"))
    split = record.stem.rpartition("_")[2]
    return {
        "id": record.maybe("id") or f"{split}-{record.number}",
        "task": "multiple_choice",
        "prompt": record.text("question"),
        **lettered(record.data.get("options"), letter),
    }


_PARTS = tuple(
    Part(f"{prefix}{split}.jsonl", json_lines, _row, columns)
    for prefix in ("phrases_no_exclude_", "")
    for split, columns in _SPLITS.items()
)

ADAPTER = Adapter(
    name="medqa",
    about=Source(
        "MedQA (USMLE, four options)",
        "2021",
        "MIT",
        "https://github.com/jind11/MedQA",
        "Jin et al., What Disease does this Patient Have? A Large-scale Open Domain Question Answering Dataset from "
        "Medical Exams, Applied Sciences 11(14):6421, 2021",
    ),
    summary="clinical vignettes with four options, in the manner of the US medical licensing exam",
    access="open",
    obligations=frozenset({"attribution"}),
    read=partial(read_parts, _PARTS),
    expected={"train": 10178, "validation": 1272, "test": 1273},
    folder="medqa_usmle_test",
    files={
        "phrases_no_exclude_{train,dev,test}.jsonl": "question, options {A, B, C, D}, answer (text), answer_idx "
        "(letter), meta_info, metamap_phrases[]; folder questions/US/4_options of the release",
        "{train,dev,test}.jsonl": "the five-option form of the same, or id, question, options, answer (letter), step",
    },
    traps=(
        "'answer' is the option's text in the release and its letter in converted files: 'answer_idx' is taken "
        "where there is one",
        "the four-option and the five-option files hold the same questions: name one folder, not both",
        "the release has no identifiers: rows are named by file and line",
        "the exam's step is no measure of difficulty and is not taken as one",
    ),
)
