"""MedMCQA: questions of Indian medical entrance exams."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from stillroom.data.prepare.adapter import Adapter
from stillroom.data.prepare.raw.lines import json_lines
from stillroom.data.prepare.raw.parts import BENCHMARK, TRAIN, Part, read_parts
from stillroom.data.prepare.raw.record import Record, UnfitError, choice, lettered
from stillroom.data.prepare.raw.tables import parquet_rows
from stillroom.data.prepare.sources.shared import stated_split
from stillroom.types import Source

_OPTIONS = ("opa", "opb", "opc", "opd")
_NO_SPECIALTY = "unknown"


def _released(record: Record, first: int) -> Mapping[str, Any]:
    """A record of the release: the right option is counted from 1 in its JSON, from 0 on the hub."""
    right = record.data.get("cop")
    if not isinstance(right, int):
        raise UnfitError("no right option")
    options = choice([record.data.get(name) for name in _OPTIONS], right - first)
    return _row(record, "subject_name", options)


def _converted(record: Record) -> Mapping[str, Any]:
    options = lettered(record.data.get("options"), record.data.get("answer"))
    return {**_row(record, "subject", options), **stated_split(record, benchmark=True)}


def _row(record: Record, subject: str, options: Mapping[str, Any]) -> Mapping[str, Any]:
    specialty = record.maybe(subject).lower()
    return {
        "id": record.name("id"),
        "task": "multiple_choice",
        "prompt": record.text("question"),
        "specialty": "" if specialty == _NO_SPECIALTY else specialty,
        **options,
    }


_PARTS = (
    Part("train.json", json_lines, partial(_released, first=1), TRAIN),
    Part("dev.json", json_lines, partial(_released, first=1), BENCHMARK),
    Part("data/train-*.parquet", parquet_rows, partial(_released, first=0), TRAIN),
    Part("data/validation-*.parquet", parquet_rows, partial(_released, first=0), BENCHMARK),
    Part("dev.jsonl", json_lines, _converted),
)

ADAPTER = Adapter(
    name="medmcqa",
    about=Source(
        "MedMCQA",
        "2022",
        "MIT; so LICENSE.md of the repository, while its README and the hub say Apache-2.0",
        "https://github.com/medmcqa/medmcqa",
        "Pal, Umapathi, Sankarasubbu, MedMCQA: A Large-scale Multi-Subject Multi-Choice Dataset for Medical domain "
        "Question Answering, CHIL 2022, PMLR 174:248-260",
    ),
    summary="questions with four options of Indian medical entrance exams, 21 subjects",
    access="open",
    obligations=frozenset({"attribution"}),
    read=partial(read_parts, _PARTS),
    expected={"train": 182822, "test": 4183},
    folder="medmcqa_dev",
    files={
        "{train,dev}.json": "lines: id, question, opa-opd, cop (1-4), subject_name, topic_name, exp, choice_type",
        "data/{train,validation}-*.parquet": "the same, cop 0-3",
        "dev.jsonl": "id, split, subject, topic, question, options {A, B, C, D}, answer (letter), explanation",
    },
    traps=(
        "the answers of the test file are not public, so published scores are those of the dev file: it is the "
        "benchmark here, and the test file is not read",
        "a dev.jsonl whose rows carry a split of their own is followed, test rows as benchmark: what is learned "
        "from its training rows can no longer be compared with scores on the whole dev file",
        "cop counts from 1 in the JSON release and from 0 in the Parquet files of the hub",
        "choice_type 'multi' says nothing: every item has one right option",
        "4 dev items list the right option twice and go into quarantine; 17 more list a wrong one twice and stay",
        "explanations cite pages of books and letters of options in another order: they are not read",
        "the README's table of splits has the sizes of dev and test exchanged",
    ),
)
