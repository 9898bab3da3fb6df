"""MedQuAD: consumer health questions and answers from sites of the US National Institutes of Health."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from stillroom.data.groups import components
from stillroom.data.hashing import digest
from stillroom.data.prepare.adapter import Adapter, RawRow
from stillroom.data.prepare.raw.lines import json_lines
from stillroom.data.prepare.raw.parts import Part, read_parts
from stillroom.data.prepare.raw.record import Record, Records, UnfitError
from stillroom.data.prepare.raw.xml_items import xml_items
from stillroom.data.prepare.sources.shared import records_of
from stillroom.data.text import squeeze, text_key
from stillroom.types import Source

_MOST_FOCUSES = 3
"""A concept of UMLS that more focuses bear, such as ``Syndrome``, makes them no one disease."""
_QUESTION_MARKS = re.compile(r"(\s*\?)+$")
_HOLE = re.compile(r"(\(are\)|\bfor|\bprevent)\s*\?")
_INNER_SPACE = re.compile(r"[ \t]+|(?<=\n)\s+")


def _xml(path: Path) -> Records:
    return xml_items(path, partial(_pairs, collection=path.parent.name))


def _pairs(document: Element, collection: str) -> Iterator[Mapping[str, Any]]:
    shared = {
        "collection": collection,
        "url": document.get("url"),
        "focus": document.findtext("Focus"),
        "cui": [cui.text for cui in document.iter("CUI") if cui.text],
    }
    for pair in document.iter("QAPair"):
        question, answer = pair.find("Question"), pair.findtext("Answer") or ""
        told = {} if question is None else {"id": question.get("qid"), "question": question.text}
        yield {**shared, **told, "answer": _INNER_SPACE.sub(_one, answer)}


def _one(space: re.Match[str]) -> str:
    return " " if space.group()[0] in " \t" and not space.string[: space.start()].endswith("\n") else ""


def _row(record: Record, concepts: Mapping[str, str]) -> Mapping[str, Any]:
    focus, question = _focus(record), squeeze(record.text("question"))
    if not focus and _HOLE.search(question):
        raise UnfitError("a question without its subject")
    collection = record.text("collection").partition("_")[0]
    return {
        "id": f"{collection}-{record.name('id')}-{digest(question) % 2**32:08x}",
        "task": "question_answering",
        "prompt": _QUESTION_MARKS.sub("?", question),
        "response": record.text("answer"),
        "document": record.maybe("url"),
        "concept": concepts.get(focus, ""),
    }


def _focus(record: Record) -> str:
    return squeeze(record.maybe("focus")).lower()


def _concepts(record: Record) -> list[str]:
    concepts = record.data.get("cui")
    return [each for each in concepts if isinstance(each, str)] if isinstance(concepts, list) else []


def _parts(concepts: Mapping[str, str]) -> tuple[Part, ...]:
    row = partial(_row, concepts=concepts)
    return Part("medquad.jsonl", json_lines, row), Part("[1-9]_*/*.xml", _xml, row)


def concepts_of(path: Path) -> dict[str, str]:
    """Group the focuses of questions: what has one name in another spelling, or one concept of UMLS, is one disease.

    A concept that more than three focuses bear says too little to join them.
    """
    borne: dict[str, set[str]] = defaultdict(set)
    for record in records_of(_parts({}), path):
        if focus := _focus(record):
            for concept in {text_key(focus), *_concepts(record)}:
                borne[concept].add(focus)
    keys: dict[str, set[str]] = defaultdict(set)
    for concept, focuses in borne.items():
        for focus in focuses:
            keys[focus].update({concept} if len(focuses) <= _MOST_FOCUSES else ())
    return components(keys)


def read(path: Path) -> Iterator[RawRow]:
    """Yield the rows of the release, or of its conversion."""
    return read_parts(_parts(concepts_of(path)), path)


ADAPTER = Adapter(
    name="medquad",
    about=Source(
        "MedQuAD",
        "2019",
        "CC BY 4.0; keep each row's document, its URL, as attribution",
        "https://github.com/abachaa/MedQuAD",
        "Ben Abacha, Demner-Fushman, A Question-Entailment Approach to Question Answering, BMC Bioinformatics 20:511, "
        "2019",
    ),
    summary="consumer health questions made from headings of NIH sites, with the sites' answers",
    access="open",
    obligations=frozenset({"attribution"}),
    read=read,
    expected={"": 16407},
    folder="medquad",
    files={
        "[1-9]_*/*.xml": "Document (url): Focus, CUI, QAPair: Question (qid, qtype), Answer",
        "medquad.jsonl": "id, collection, url, focus, qtype, question, answer, cui[], split, ...",
    },
    traps=(
        "of 47,457 questions 16,407 have an answer: collections 10 to 12 lost theirs to a copyright and are not read",
        "native identifiers come again, in other collections and for other diseases of one page (2,491 of them): "
        "collection and a hash of the question are part of a row's identifier",
        "one disease stands under several spellings and in several collections; the split of the converted file goes "
        "by spelling and puts 318 diseases on two sides. It is not taken over: a row's concept is its disease, by name "
        "and by UMLS, for the split stage to keep together",
        "UMLS concepts such as Syndrome (265 diseases) would join a fifth of the rows: one that more than three "
        "focuses bear joins nothing",
        "14 questions lack their focus, 4 of them say nothing without it ('What is (are) ?') and go into quarantine",
        "48 pairs come twice: left to the deduplication stage",
        "answers run to 27,000 characters: left to the truncation stage",
    ),
)
