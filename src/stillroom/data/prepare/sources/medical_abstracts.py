"""Medical abstracts: which of five groups of conditions an abstract is about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from stillroom.data.prepare.adapter import Adapter, Malformed, RawRow
from stillroom.data.prepare.raw.lines import json_lines
from stillroom.data.prepare.raw.parts import BENCHMARK, TRAIN, Part, read_parts
from stillroom.data.prepare.raw.record import Record, UnfitError, choice
from stillroom.data.prepare.raw.tables import csv_rows
from stillroom.data.prepare.sources.shared import hidden, stated_split
from stillroom.types import Source

LABELS = (
    "neoplasms",
    "digestive system diseases",
    "nervous system diseases",
    "cardiovascular diseases",
    "general pathological conditions",
)
_ONE = "Which group of conditions is the abstract about?"
_SEVERAL = f"Which groups of conditions is the abstract about? Choose from: {', '.join(LABELS)}."


def _released(record: Record) -> Mapping[str, Any]:
    label = record.name("condition_label")
    if label not in tuple("12345"):
        raise UnfitError("a label that is none of 1 to 5")
    split = record.stem.rpartition("_")[2]
    return _row(f"{split}-{record.number}", record.text("medical_abstract"), int(label) - 1)


def _converted(record: Record) -> Mapping[str, Any]:
    label = record.text("label_name")
    if label not in LABELS:
        raise UnfitError("a label that is none of the five")
    row = _row(record.name("id"), record.text("text"), LABELS.index(label))
    return {**row, **stated_split(record, benchmark=True)}


def _row(id: str, abstract: str, label: int) -> Mapping[str, Any]:
    return {
        "id": id,
        "task": "classification",
        "prompt": _ONE,
        "context": abstract,
        "document": hidden("abstract", abstract),
        **choice(LABELS, label),
    }


_PARTS = (
    Part("medical_tc_train.csv", csv_rows, _released, TRAIN),
    Part("medical_tc_test.csv", csv_rows, _released, BENCHMARK),
    Part("abstracts.jsonl", json_lines, _converted),
)


def read(path: Path) -> Iterator[RawRow]:
    """Yield the rows of the release, or of its conversion; what is learned from has all labels of its abstract."""
    given: dict[str, set[str]] = defaultdict(set)
    for row in read_parts(_PARTS, path):
        if not isinstance(row, Malformed) and not row.get("benchmark"):
            given[row["document"]].add(row["response"])
    for row in read_parts(_PARTS, path):
        yield row if isinstance(row, Malformed) else _with_all(row, given)


def _with_all(row: Mapping[str, Any], given: Mapping[str, Collection[str]]) -> Mapping[str, Any]:
    if row.get("benchmark") or len(labels := given[row["document"]]) == 1:
        return row
    response = "; ".join(label for label in LABELS if label in labels)
    return {**row, "prompt": _SEVERAL, "response": response, "options": []}


ADAPTER = Adapter(
    name="medical_abstracts",
    about=Source(
        "Medical Abstracts TC Corpus",
        "2022",
        "CC BY-SA 3.0",
        "https://github.com/sebischair/Medical-Abstracts-TC-Corpus",
        "Schopf, Braun, Matthes, Evaluating Unsupervised Text Classification: Zero-Shot and Similarity-Based "
        "Approaches, NLPIR 2022",
    ),
    summary="abstracts of MEDLINE in five groups of conditions",
    access="open",
    obligations=frozenset({"attribution", "share_alike"}),
    read=read,
    expected={"train": 11550, "test": 2888},
    folder="medical_abstracts",
    files={
        "medical_tc_{train,test}.csv": "condition_label (1-5), medical_abstract",
        "abstracts.jsonl": "id, split, label (0-4), label_name, text",
    },
    traps=(
        "an abstract with several labels is several rows with one label each (113 of the 2,770 of the official test "
        "file): rows to learn from get all labels of their abstract, as one answer; rows of the benchmark stay as they "
        "are scored",
        "the copies that this leaves are taken out by the deduplication stage; an abstract is a document, so that no "
        "split parts its rows",
        "'general pathological conditions' overlaps the other four: no model will tell it apart reliably",
        "an abstracts.jsonl is the official test file with a split of its own, which is followed: what is learned from "
        "its training rows cannot be compared with published scores",
    ),
)
