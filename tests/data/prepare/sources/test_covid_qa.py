"""COVID-QA: an answer is a passage of its article, wherever the file says that it begins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adapted import Adapted, adapted, write_json, write_lines
from shared_data import shared_data
from stillroom.data.prepare.sources.covid_qa import ADAPTER


def squad(*questions: dict[str, Any]) -> dict[str, Any]:
    paragraph = {"document_id": 7, "context": "The virus is airborne. Masks help.", "qas": list(questions)}
    return {"data": [{"paragraphs": [paragraph]}]}


def asked(id: int, answer: str) -> dict[str, Any]:
    return {"id": id, "question": "How?", "answers": [{"text": answer, "answer_start": 2}]}


@pytest.fixture(scope="module")
def real() -> Adapted:
    return adapted(ADAPTER, shared_data("covid_qa"))


def test_the_real_questions_are_all_answered_by_their_article(real: Adapted) -> None:
    assert real.by("split") == {("train",): 1096, ("test",): 233, ("validation",): 51}
    assert not real.reasons
    assert all(row["response"] in row["context"] for row in real.rows)


def test_real_articles_are_in_one_split_each(real: Adapted) -> None:
    assert len(real.by("document", "split")) == len(real.by("document")) == 98


def test_the_release_is_read_and_its_offsets_are_not_trusted(tmp_path: Path) -> None:
    write_json(tmp_path / "COVID-QA.json", squad(asked(1, "airborne"), asked(2, "Masks help.")))
    made = adapted(ADAPTER, tmp_path)
    assert [row["response"] for row in made.rows] == ["airborne", "Masks help."]
    assert made["1"]["document"] == "7"


def test_what_is_no_passage_and_what_is_no_answer_are_told(tmp_path: Path) -> None:
    none = {"id": 3, "question": "Who?", "answers": [], "is_impossible": True}
    write_json(tmp_path / "COVID-QA.json", squad(asked(1, "by water"), none))
    assert adapted(ADAPTER, tmp_path).reasons == {
        "the answer is no passage of the article": 1,
        "no answer": 1,
    }


def test_a_question_without_its_article_is_told(tmp_path: Path) -> None:
    articles = [{"document_id": 7, "context": "The virus."}, {"document_id": 8, "context": None}]
    write_lines(tmp_path / "documents.jsonl", articles)
    write_lines(tmp_path / "questions.jsonl", [{**asked(1, "virus"), "document_id": 8}])
    assert adapted(ADAPTER, tmp_path).reasons == {"its article is not there": 1}
