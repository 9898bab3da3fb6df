"""MeQSum: consumer health questions and their one-question summaries."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from stillroom.data.prepare.adapter import Adapter
from stillroom.data.prepare.raw.lines import json_lines
from stillroom.data.prepare.raw.parts import Part, read_parts
from stillroom.data.prepare.raw.record import Record
from stillroom.data.prepare.raw.sheets import sheet_rows
from stillroom.data.prepare.sources.shared import hidden
from stillroom.data.text import text_key
from stillroom.types import Source


def _row(record: Record, id: str, question: str, summary: str) -> Mapping[str, Any]:
    response = record.text(summary)
    return {
        "id": record.name(id),
        "task": "summarisation",
        "prompt": "Summarise the consumer's message as one short question.",
        "context": record.text(question),
        "response": response,
        "concept": hidden("summary", text_key(response)),
    }


_PARTS = (
    Part("meqsum.jsonl", json_lines, partial(_row, id="id", question="question", summary="summary")),
    Part("MeQSum*.xlsx", sheet_rows, partial(_row, id="File", question="CHQ", summary="Summary")),
)

ADAPTER = Adapter(
    name="meqsum",
    about=Source(
        "MeQSum",
        "2019",
        "CC BY 4.0",
        "https://github.com/abachaa/MeQSum",
        "Ben Abacha, Demner-Fushman, On the Summarization of Consumer Health Questions, ACL 2019",
    ),
    summary="messages to the US National Library of Medicine, each summarised as one question",
    access="open",
    obligations=frozenset({"attribution"}),
    read=partial(read_parts, _PARTS),
    expected={"": 1000},
    folder="meqsum",
    files={
        "MeQSum*.xlsx": "File, CHQ, Summary",
        "meqsum.jsonl": "id, question, summary, split",
    },
    traps=(
        "the release has no split; the split of the converted file goes by question, and the five summaries "
        "that several messages share stand on two sides of it. It is not taken over: the summary is a row's concept",
        "names, places and contacts are marks ([NAME], [LOCATION]), put in by the authors: they are no identifiers",
        "5 messages hold HTML entities: left to the cleaning stage",
    ),
)
