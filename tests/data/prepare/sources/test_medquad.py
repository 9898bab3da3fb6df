"""MedQuAD: identifiers that come again, diseases under several names, questions with a hole."""

from __future__ import annotations

import gzip
import json
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from adapted import Adapted, adapted, write_lines
from shared_data import shared_data
from stillroom.data.prepare.sources.medquad import ADAPTER, concepts_of

PAGE = """<?xml version="1.0" encoding="UTF-8"?>
<Document id="0000001" source="GARD" url="https://example.org/gout">
<Focus>Gout</Focus>
<FocusAnnotations><UMLS><CUIs><CUI>C0018099</CUI></CUIs></UMLS></FocusAnnotations>
<QAPairs>
  <QAPair pid="1"><Question qid="0000001-1" qtype="information">What is (are) Gout ?</Question>
    <Answer>Key Points
                    - It hurts.     - It passes.

                    See a doctor.</Answer></QAPair>
  <QAPair pid="2"><Question qid="0000001-2" qtype="causes">What causes Gout ?</Question><Answer></Answer></QAPair>
</QAPairs>
</Document>
"""


@pytest.fixture(scope="module")
def real() -> Adapted:
    return adapted(ADAPTER, shared_data("medquad"))


def test_all_real_rows_are_there_under_identifiers_of_their_own(real: Adapted) -> None:
    assert len(real.rows) == 16403
    assert real.reasons == {"a question without its subject": 4}
    assert len({row["id"] for row in real.rows}) == 16403


def test_a_real_disease_has_one_concept_though_the_files_split_parts_it() -> None:
    folder = shared_data("medquad")
    concepts, splits = concepts_of(folder), defaultdict[str, set[str]](set)
    with gzip.open(folder / "medquad.jsonl.gz", "rt", encoding="utf-8") as file:
        for record in map(json.loads, file):
            if record["focus"]:
                splits[concepts[" ".join(record["focus"].lower().split())]].add(record["split"])
    assert sum(len(found) > 1 for found in splits.values()) == 318
    assert max(Counter(concepts.values()).values()) == 8


def test_no_real_question_keeps_its_templates_spacing(real: Adapted) -> None:
    prompts = [row["prompt"] for row in real.rows]
    assert not [prompt for prompt in prompts if " ?" in prompt[-3:]]


def test_the_release_is_read_page_by_page(tmp_path: Path) -> None:
    for collection in ("2_GARD_QA", "10_MPlus_ADAM_QA"):
        (tmp_path / collection).mkdir()
        (tmp_path / collection / "0000001.xml").write_text(PAGE)
    made = adapted(ADAPTER, tmp_path)
    (row,) = made.rows
    assert row["prompt"] == "What is (are) Gout?"
    assert row["response"] == "Key Points\n- It hurts. - It passes.\nSee a doctor."
    assert row["document"] == "https://example.org/gout"
    assert row["concept"] == "gout"
    assert made.reasons == {"'answer' is empty": 1}


def test_a_page_with_entities_of_its_own_is_not_opened(tmp_path: Path) -> None:
    bomb = PAGE.replace("<Document", '<!DOCTYPE x [<!ENTITY a "aaaa">]>\n<Document', 1)
    (tmp_path / "2_GARD_QA").mkdir()
    (tmp_path / "2_GARD_QA" / "1.xml").write_text(bomb)
    made = adapted(ADAPTER, tmp_path)
    assert made.reasons == {"the file cannot be read on (ValueError)": 1}


def test_a_concept_that_many_bear_joins_none_of_them(tmp_path: Path) -> None:
    few, many = ["Gout", "Podagra"], [f"Syndrome {name}" for name in ("ape", "bee", "cat", "dog")]
    records = [
        {
            "id": name,
            "collection": "1_X",
            "focus": name,
            "cui": [cui],
            "question": f"{name}?",
            "answer": "It is.",
        }
        for names, cui in ((few, "C1"), (many, "C2"))
        for name in names
    ]
    write_lines(tmp_path / "medquad.jsonl", records)
    concepts = concepts_of(tmp_path)
    assert concepts["gout"] == concepts["podagra"]
    assert len({concepts[name.lower()] for name in many}) == 4
