"""Real rows, as stages see them."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pyarrow as pa
import pytest

from shared_data import shared_data
from stillroom.data.prepare.rows import table


def lines(name: str, file: str) -> list[dict[str, Any]]:
    with gzip.open(shared_data(name) / file, "rt", encoding="utf-8") as opened:
        return [json.loads(line) for line in opened]


@pytest.fixture(scope="session")
def abstracts() -> pa.Table:
    return table(
        {
            "id": f"abstracts/{row['id']}",
            "source": "abstracts",
            "task": "classification",
            "prompt": "What is this abstract about?",
            "context": row["text"],
            "response": row["label_name"],
            "specialty": row["label_name"],
            "split": row["split"],
        }
        for row in lines("medical_abstracts", "abstracts.jsonl.gz")
    )


@pytest.fixture(scope="session")
def dialogues() -> pa.Table:
    return table(
        {
            "id": f"mts/{row['id']}",
            "source": "mts",
            "task": "note_section",
            "prompt": "Summarise the conversation.",
            "context": row["dialogue"],
            "response": row["section_text"],
        }
        for row in lines("mts_dialog", "train.jsonl.gz")
    )


@pytest.fixture(scope="session")
def questions() -> pa.Table:
    return table(
        {
            "id": f"medquad/{row['id']}",
            "source": "medquad",
            "task": "question_answering",
            "prompt": row["question"],
            "response": row["answer"],
        }
        for row in lines("medquad", "medquad.jsonl.gz")[::8]
    )
