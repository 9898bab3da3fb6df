"""Whatever stands in a column, a record becomes a sound row or is told of; no source stumbles over it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from adapted import adapted
from stillroom.data.prepare.adapters import ADAPTERS

OPTIONS = {"A": "gout", "B": "flu"}
ALPACA = {"instruction": "Answer.", "input": "What is gout?", "output": "It."}
PUBMEDQA = {
    "QUESTION": "q?",
    "CONTEXTS": ["c"],
    "LABELS": ["l"],
    "final_decision": "yes",
    "LONG_ANSWER": "It.",
}
MEDMCQA = {
    "id": "1",
    "question": "q?",
    "cop": 1,
    "opa": "a",
    "opb": "b",
    "opc": "c",
    "opd": "d",
    "subject_name": "ENT",
}
LINES: dict[tuple[str, str], dict[str, Any]] = {
    ("mmlu_medical", "dev.jsonl"): {
        "id": "1",
        "subject": "anatomy",
        "question": "q?",
        "options": OPTIONS,
        "answer": "A",
    },
    ("medmcqa", "dev.jsonl"): {
        "id": "1",
        "split": "train",
        "subject": "ENT",
        "question": "q?",
        "options": OPTIONS,
        "answer": "A",
    },
    ("medmcqa", "train.json"): MEDMCQA,
    ("medqa", "train.jsonl"): {"question": "q?", "options": OPTIONS, "answer": "gout", "answer_idx": "A"},
    ("pubmedqa", "train_dev.jsonl"): {
        "pmid": "1",
        "question": "q?",
        "contexts": ["c"],
        "context_labels": ["l"],
        "long_answer": "It.",
        "answer": "yes",
    },
    ("medquad", "medquad.jsonl"): {
        "id": "1",
        "collection": "1_X",
        "url": "u",
        "focus": "Gout",
        "question": "q?",
        "answer": "It.",
        "cui": ["C1"],
    },
    ("meqsum", "meqsum.jsonl"): {"id": "1", "question": "q", "summary": "s?"},
    ("mts_dialog", "train.jsonl"): {
        "id": "1",
        "section_header": "CC",
        "section_text": "Cough.",
        "dialogue": "Doctor: Yes?",
    },
    ("medical_abstracts", "abstracts.jsonl"): {
        "id": "1",
        "split": "train",
        "label_name": "neoplasms",
        "text": "t",
    },
    ("jsonl", "mine.jsonl"): {
        "question": "q?",
        "answer": "A",
        "options": OPTIONS,
        "id": "1",
        "patient": "p",
        "split": "dev",
    },
    ("jsonl", "turns.jsonl"): {
        "messages": [{"role": "user", "content": "q?"}, {"role": "assistant", "content": "It."}]
    },
}
ITEMS: dict[tuple[str, str], dict[str, Any]] = {
    ("pubmedqa", "ori_pqaa.json"): PUBMEDQA,
    ("chatdoctor", "HealthCareMagic-100k.json"): ALPACA,
    ("medical_meadow", "medical_meadow_wikidoc.json"): ALPACA,
    ("medical_meadow", "medical_meadow_mediqa.json"): ALPACA,
}
HOSTILE: tuple[Any, ...] = (
    None,
    float("nan"),
    3,
    -1,
    True,
    "",
    "  ",
    "\ud800",
    [],
    [None],
    [3],
    {},
    {"A": None},
    "\x00",
)


def variants(record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The record with each column missing, and with each hostile value in it."""
    for name in record:
        yield {key: value for key, value in record.items() if key != name}
        for value in HOSTILE:
            yield {**record, name: value}


@pytest.mark.parametrize(("name", "file"), LINES, ids="-".join)
def test_lines(name: str, file: str, tmp_path: Path) -> None:
    records = list(variants(LINES[name, file]))
    (tmp_path / file).write_text(
        "".join(f"{json.dumps(record)}\n" for record in [LINES[name, file], *records])
    )
    made = adapted(ADAPTERS[name], tmp_path)
    assert made.rows
    assert len(made.rows) + sum(made.reasons.values()) >= len(records)


@pytest.mark.parametrize(("name", "file"), ITEMS, ids="-".join)
def test_items(name: str, file: str, tmp_path: Path) -> None:
    records = [ITEMS[name, file], *variants(ITEMS[name, file])]
    data: Any = (
        records if name != "pubmedqa" else {str(number): record for number, record in enumerate(records)}
    )
    (tmp_path / file).write_text(json.dumps(data))
    made = adapted(ADAPTERS[name], tmp_path)
    assert made.rows
    assert len(made.rows) + sum(made.reasons.values()) >= len(records)


@pytest.mark.parametrize(
    "key", ["data", "paragraphs", "qas", "answers", "context", "document_id", "id", "question"]
)
@pytest.mark.parametrize("value", HOSTILE, ids=repr)
def test_nested_questions(key: str, value: Any, tmp_path: Path) -> None:
    question = {"id": 1, "question": "q?", "answers": [{"text": "gout", "answer_start": 0}]}
    paragraph = {"document_id": 7, "context": "gout", "qas": [question]}
    article = {"paragraphs": [paragraph]}
    whole = {"data": [article]}
    for part in (whole, article, paragraph, question):
        if key in part:
            part[key] = value
    (tmp_path / "COVID-QA.json").write_text(json.dumps(whole))
    made = adapted(ADAPTERS["covid_qa"], tmp_path)
    no_question = value == [] and key in ("paragraphs", "qas")
    assert len(made.rows) + sum(made.reasons.values()) == (0 if no_question else 1)


@pytest.mark.parametrize("column", ["choices", "answer", "question"])
def test_columns_of_a_table_that_are_missing_or_null(column: str, tmp_path: Path) -> None:
    row = {"question": "q?", "choices": ["a", "b"], "answer": 1}
    (tmp_path / "anatomy").mkdir()
    for number, broken in enumerate(({**row, column: None}, {key: row[key] for key in row if key != column})):
        pq.write_table(pa.Table.from_pylist([broken]), tmp_path / "anatomy" / f"test-0000{number}.parquet")
    made = adapted(ADAPTERS["mmlu_medical"], tmp_path)
    assert not made.rows
    assert sum(made.reasons.values()) == 2
