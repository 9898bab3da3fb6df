"""COVID-QA: questions whose answers are passages of whole articles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from stillroom.data.prepare.adapter import Adapter, Malformed, RawRow
from stillroom.data.prepare.raw.json_items import json_items
from stillroom.data.prepare.raw.lines import json_lines
from stillroom.data.prepare.raw.parts import Part, read_parts
from stillroom.data.prepare.raw.record import Record, Records, UnfitError
from stillroom.data.prepare.sources.shared import records_of, stated_split
from stillroom.types import Source

_SQUAD = r'\{\s*"data"\s*:'
_ARTICLES = Part("documents.jsonl", json_lines, lambda record: record.data)


def _squad(path: Path) -> Records:
    """The questions of a file in SQuAD's form, each with its article."""
    number = 0
    for article in json_items(path, _SQUAD):
        if isinstance(article, Malformed):
            yield article
            continue
        for paragraph in _objects(article.data, "paragraphs"):
            shared = {"document_id": paragraph.get("document_id"), "context": paragraph.get("context")}
            for question in _objects(paragraph, "qas"):
                number += 1
                yield Record(article.file, number, {**shared, **question})


def _objects(data: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """The objects in a list; one without any where there is no list, so that what is missing is told of it."""
    listed = data.get(key)
    return [each if isinstance(each, dict) else {} for each in listed] if isinstance(listed, list) else [{}]


def _released(record: Record) -> Mapping[str, Any]:
    return _row(record, record.text("context"))


def _converted(record: Record, articles: Mapping[str, str]) -> Mapping[str, Any]:
    article = articles.get(record.name("document_id"))
    if article is None:
        raise UnfitError("its article is not there")
    return {**_row(record, article), **stated_split(record)}


def _row(record: Record, article: str) -> Mapping[str, Any]:
    answers = record.data.get("answers")
    answer = (
        answers[0].get("text")
        if isinstance(answers, list) and answers and isinstance(answers[0], dict)
        else None
    )
    if not isinstance(answer, str) or not answer.strip():
        raise UnfitError("no answer")
    if answer not in article:
        raise UnfitError("the answer is no passage of the article")
    return {
        "id": record.name("id"),
        "task": "extractive_answer",
        "prompt": f"Quote the passage of the article that answers: {record.text('question')}",
        "context": article,
        "response": answer.strip(),
        "document": record.name("document_id"),
    }


def read(path: Path) -> Iterator[RawRow]:
    """Yield the rows of the release, or of its conversion into articles and questions.

    A broken article is told of with its questions.
    """
    articles: dict[str, str] = {}
    for record in records_of([_ARTICLES], path if path.is_dir() else path.parent):
        with suppress(UnfitError):
            articles[record.name("document_id")] = record.text("context")
    parts = (
        Part("questions.jsonl", json_lines, partial(_converted, articles=articles)),
        Part("*COVID-QA.json", _squad, _released),
        Part("*covidQA.json", _squad, _released),
    )
    return read_parts(parts, path)


ADAPTER = Adapter(
    name="covid_qa",
    about=Source(
        "COVID-QA",
        "2020",
        "Apache-2.0; the articles are open-access papers of CORD-19",
        "https://github.com/deepset-ai/COVID-QA",
        "Möller, Reina, Jayakumar, Pietsch, COVID-QA: A Question Answering Dataset for COVID-19, NLP-COVID workshop "
        "at ACL 2020",
    ),
    summary="questions on whole articles about COVID-19, answered by a passage of the article",
    access="open",
    obligations=frozenset({"attribution"}),
    read=read,
    expected={"": 2019},
    folder="covid_qa",
    files={
        "COVID-QA.json": "SQuAD's form: data[].paragraphs[]: document_id, context, qas[]: id, question, "
        "answers[{text, answer_start}]",
        "questions.jsonl": "id, document_id, split, question, answers[{text, answer_start}]",
        "documents.jsonl": "document_id, context",
    },
    traps=(
        "answer_start is off by up to three characters in the release: an answer counts if it stands in its article, "
        "wherever that is",
        "18 questions are asked two or three times of one article, with another passage each time: all are right and "
        "kept; the article keeps them in one split",
        "a context is a whole article of about 23,500 characters that up to 113 questions share: the truncation stage "
        "keeps its relevant part",
        "the cut of 23 April 2020 has 1,380 questions, the final release 2,019; corpora that count 27,000 count "
        "something else",
    ),
)
