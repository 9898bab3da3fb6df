"""ChatDoctor: patients' questions and physicians' answers from two web sites."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from stillroom.data.prepare.adapter import Adapter
from stillroom.data.prepare.raw.json_items import json_items
from stillroom.data.prepare.raw.parts import Part, read_parts
from stillroom.data.prepare.raw.record import Record
from stillroom.types import Source


def _row(record: Record, answer: str) -> Mapping[str, Any]:
    return {
        "id": f"{record.stem}-{record.number}",
        "task": "dialogue",
        "prompt": record.text("input"),
        "response": record.text(answer),
    }


_PARTS = (
    Part("HealthCareMagic-100k.json", json_items, partial(_row, answer="output")),
    Part("iCliniq.json", json_items, partial(_row, answer="answer_icliniq")),
    Part("GenMedGPT-5k.json", json_items, partial(_row, answer="output")),
    Part("chatdoctor5k.json", json_items, partial(_row, answer="output")),
)

ADAPTER = Adapter(
    name="chatdoctor",
    about=Source(
        "ChatDoctor: HealthCareMagic-100k, iCliniq, GenMedGPT-5k",
        "2023",
        "academic research only; the code is Apache-2.0, the README excludes commercial and clinical use",
        "https://github.com/Kent0n-Li/ChatDoctor",
        "Li et al., ChatDoctor: A Medical Chat Model Fine-Tuned on a Large Language Model Meta-AI (LLaMA) Using "
        "Medical Domain Knowledge, Cureus 15(6), 2023",
    ),
    summary="patients' questions and physicians' answers from two web sites, and 5,000 pairs that ChatGPT wrote",
    access="open",
    obligations=frozenset({"attribution", "non_commercial", "model_licence"}),
    read=partial(read_parts, _PARTS),
    expected={"": 112165 + 7321 + 5452},
    folder="chatdoctor",
    files={
        "HealthCareMagic-100k.json": "[{instruction, input, output}]; 112,165",
        "iCliniq.json": "[{input, answer_icliniq, answer_chatgpt, answer_chatdoctor}]; 7,321",
        "GenMedGPT-5k.json, chatdoctor5k.json": "[{instruction, input, output}]; the same 5,452, written by ChatGPT",
    },
    traps=(
        "messages of real people: names, ages and places are left in some. Keep the de-identification stage on",
        "of iCliniq's three answers the physician's is read, not the two that models wrote",
        "physicians' names were replaced by 'Chat Doctor', also inside sentences",
        "GenMedGPT-5k comes under the terms of the model that wrote it; name HealthCareMagic-100k.json alone to leave "
        "it out",
        "the instruction is the same in all rows and says nothing: the patient's message is the prompt",
        "iCliniq is the authors' test: no published score on it survives learning from it",
        "corpora that count 215,000 count the messages under further names as well",
    ),
)
