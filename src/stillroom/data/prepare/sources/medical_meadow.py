"""Medical Meadow: medical texts turned into instructions for MedAlpaca."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from stillroom.data.prepare.adapter import Adapter
from stillroom.data.prepare.raw.json_items import json_items
from stillroom.data.prepare.raw.parts import Part, read_parts
from stillroom.data.prepare.raw.record import Record
from stillroom.types import Source

_QUESTIONS = (
    "wikidoc",
    "wikidoc_patient_information",
    "small",
    "wikidoc_medical_flashcards",
    "medical_flashcards",
)
_TASKS: Mapping[str, str] = {
    "mediqa": "question_answering",
    "pubmed_causal": "classification",
    "health_advice": "classification",
    "cord19": "summarisation",
}
_PREFIX = "medical_meadow_"


def _question(record: Record) -> Mapping[str, Any]:
    return _row(record, "question_answering", record.text("input"), "")


def _instruction(record: Record, task: str) -> Mapping[str, Any]:
    return _row(record, task, record.text("instruction"), record.text("input"))


def _row(record: Record, task: str, prompt: str, context: str) -> Mapping[str, Any]:
    return {
        "id": f"{record.stem.removeprefix(_PREFIX)}-{record.number}",
        "task": task,
        "prompt": prompt,
        "context": context,
        "response": record.text("output"),
    }


_PARTS = (
    *(Part(f"{_PREFIX}{name}.json", json_items, _question) for name in _QUESTIONS),
    *(
        Part(f"{_PREFIX}{name}.json", json_items, partial(_instruction, task=task))
        for name, task in _TASKS.items()
    ),
)

ADAPTER = Adapter(
    name="medical_meadow",
    about=Source(
        "Medical Meadow",
        "2023-04-06",
        "each part its own; WikiDoc is CC BY-SA, the cards of flashcards and WikiDoc say 'cc', others none: check "
        "before use",
        "https://huggingface.co/medalpaca",
        "Han et al., MedAlpaca: An Open-Source Collection of Medical Conversational AI Models and Training Data, "
        "arXiv:2304.08247",
    ),
    summary="flashcards, WikiDoc and four established tasks as instructions",
    access="open",
    obligations=frozenset({"attribution", "share_alike", "model_licence"}),
    read=partial(read_parts, _PARTS),
    expected={"": 33955 + 10000 + 5942 + 2208 + 2446 + 8676 + 821007},
    folder="medical_meadow",
    files={
        f"{_PREFIX}*.json": "[{instruction, input, output}]; medical_flashcards 33,955, wikidoc 10,000, "
        "wikidoc_patient_information 5,942, mediqa 2,208, pubmed_causal 2,446, health_advice 8,676, cord19 821,007"
    },
    traps=(
        "mmmlu is MMLU itself, usmle_self_assessment a test, and medqa the training set of the source medqa: they are "
        "not read",
        "questions of WikiDoc and the flashcards were written by GPT-3.5, under its terms; their authors hold 70 % of "
        "WikiDoc's pairs for factually correct",
        "the instruction of a question ('Answer this question truthfully') says nothing: the question is the prompt",
        "rows of wikidoc without a question go into quarantine",
        "cord19, titles of abstracts, is 13 times all others: the balance stage should thin it, or leave its file out",
        "the figure of 160,000 that is quoted is what MedAlpaca was trained on, not what was published",
    ),
)
