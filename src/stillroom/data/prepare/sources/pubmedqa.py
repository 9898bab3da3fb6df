"""PubMedQA: yes/no/maybe questions on abstracts, with the abstract's conclusion."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from stillroom.data.prepare.adapter import Adapter, RawRow
from stillroom.data.prepare.raw.json_items import KEY, json_items
from stillroom.data.prepare.raw.lines import json_lines
from stillroom.data.prepare.raw.parts import BENCHMARK, TRAIN, Part, read_parts
from stillroom.data.prepare.raw.record import Record, UnfitError, choice
from stillroom.types import DataError, Source

_DECISIONS = ("yes", "no", "maybe")
_TEST = "test_ground_truth.json"


@dataclass(frozen=True)
class _Keys:
    """What the columns are called."""

    pmid: str
    question: str
    contexts: str
    labels: str
    decision: str
    conclusion: str


_RELEASED = _Keys(KEY, "QUESTION", "CONTEXTS", "LABELS", "final_decision", "LONG_ANSWER")
_CONVERTED = _Keys("pmid", "question", "contexts", "context_labels", "answer", "long_answer")


def _decision(record: Record, keys: _Keys) -> Mapping[str, Any]:
    decision = record.text(keys.decision)
    if decision not in _DECISIONS:
        raise UnfitError("the answer is none of yes, no and maybe")
    return {
        "id": record.name(keys.pmid),
        "task": "multiple_choice",
        "prompt": record.text(keys.question),
        **choice(_DECISIONS, _DECISIONS.index(decision)),
        **_abstract(record, keys),
    }


def _conclusion(record: Record, keys: _Keys) -> Mapping[str, Any]:
    return {
        "id": f"{record.name(keys.pmid)}-conclusion",
        "task": "conclusion",
        "prompt": f"What do the authors conclude? {record.text(keys.question)}",
        "response": record.text(keys.conclusion),
        **_abstract(record, keys),
    }


def _abstract(record: Record, keys: _Keys) -> dict[str, str]:
    contexts, labels = record.data.get(keys.contexts), record.data.get(keys.labels)
    if not isinstance(contexts, list) or not isinstance(labels, list) or len(contexts) != len(labels):
        raise UnfitError("the abstract's parts and their labels do not match")
    if not all(isinstance(text, str) for text in (*contexts, *labels)):
        raise UnfitError("a part of the abstract is no text")
    context = "\n".join(f"{label}: {text}" for label, text in zip(labels, contexts, strict=True))
    return {"context": context, "document": record.name(keys.pmid)}


def _labelled(record: Record, row: Any, test: frozenset[str]) -> Mapping[str, Any]:
    columns = BENCHMARK if record.name(KEY) in test else TRAIN
    return {**columns, **row(record, _RELEASED)}


def _both(pattern: str, records: Any, columns: Mapping[str, Any], keys: _Keys) -> Iterator[Part]:
    for row in (_decision, _conclusion):
        yield Part(pattern, records, partial(row, keys=keys), columns)


_PARTS = (
    *_both("train_dev.jsonl", json_lines, TRAIN, _CONVERTED),
    *_both("test.jsonl", json_lines, BENCHMARK, _CONVERTED),
    *_both("ori_pqaa.json", json_items, TRAIN, _RELEASED),
    Part("ori_pqau.json", json_items, partial(_conclusion, keys=_RELEASED), TRAIN),
)


def read(path: Path) -> Iterator[RawRow]:
    """Yield the rows of the release, or of its conversion.

    Raises:
        DataError: there is none, or nothing says which of the labelled questions are the test.
    """
    labelled = Part("ori_pqal.json", json_items, partial(_labelled, row=_decision, test=frozenset()))
    parts = list(_PARTS)
    if labelled.files(path):
        test = _test_pmids(path if path.is_dir() else path.parent)
        parts += [
            Part(labelled.pattern, json_items, partial(_labelled, row=row, test=test))
            for row in (_decision, _conclusion)
        ]
    return read_parts(parts, path)


def _test_pmids(folder: Path) -> frozenset[str]:
    try:
        return frozenset(json.loads((folder / _TEST).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise DataError(
            f"{folder / _TEST} cannot be read ({type(error).__name__})",
            "the file that says which of the 1,000 labelled questions are the test",
            "put it beside ori_pqal.json; it is in the folder data of the release",
        ) from error


ADAPTER = Adapter(
    name="pubmedqa",
    about=Source(
        "PubMedQA",
        "2019",
        "MIT; abstracts from PubMed (NLM: attribute, no endorsement)",
        "https://github.com/pubmedqa/pubmedqa",
        "Jin et al., PubMedQA: A Dataset for Biomedical Research Question Answering, EMNLP 2019, arXiv:1909.06146",
    ),
    summary="yes/no/maybe questions on abstracts of PubMed, and what their authors conclude",
    access="open",
    obligations=frozenset({"attribution"}),
    read=read,
    expected={"train": 1000, "test": 1000},
    folder="pubmedqa_labeled",
    files={
        "ori_pqal.json": "{pmid: QUESTION, CONTEXTS[], LABELS[], MESHES[], final_decision, LONG_ANSWER, ...}; 1,000 "
        f"questions, with {_TEST}",
        "ori_pqaa.json": "the same; 211,269 questions made and answered by rule",
        "ori_pqau.json": "the same without final_decision; 61,249 questions",
        "{train_dev,test}.jsonl": "pmid, question, contexts[], context_labels[], answer, long_answer, ...",
    },
    traps=(
        "every labelled question gives two rows of one document: the decision, and the conclusion",
        "the conclusion gives the decision away: it is a response and never part of a context",
        "the annotators' *_pred columns are their guesses, not inputs, and are not read",
        f"the test is the 500 questions of {_TEST}; without that file ori_pqal.json is refused",
        "the 211,269 questions of PQA-A are titles turned into questions by rule; only 1,000 are answered by experts. "
        "The expected counts are those of the 1,000",
    ),
)
