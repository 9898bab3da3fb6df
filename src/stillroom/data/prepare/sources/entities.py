"""Rows of sentences with tagged mentions; two sources have them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stillroom.data.prepare.raw.conll import joined, mentions, sentences
from stillroom.data.prepare.raw.parts import BENCHMARK, TRAIN, VALIDATION, Part
from stillroom.data.prepare.raw.record import Record

NONE = "none"
_SPLITS = {"train": TRAIN, "dev": VALIDATION, "devel": VALIDATION, "test": BENCHMARK}


def entity_parts(row: Any) -> tuple[Part, ...]:
    """The files of a corpus in CoNLL's form: ``train``, ``dev`` or ``devel``, and ``test``."""
    return tuple(
        Part(f"{split}.{ending}", sentences, row, columns)
        for ending in ("conll", "tsv")
        for split, columns in _SPLITS.items()
    )


def entity_row(record: Record, prompt: str, separator: str, *, with_kind: bool) -> Mapping[str, Any]:
    """Make a row of a sentence: its text, and every name in it once, in the order of first mention."""
    tokens = record.data["tokens"]
    found = dict.fromkeys(mentions(tokens, record.data["tags"]))
    names = [f"{kind.lower()}: {name}" if with_kind else name for kind, name in found]
    return {
        "id": f"{record.stem}-{record.number}",
        "task": "entities",
        "prompt": prompt,
        "context": joined(tokens),
        "response": separator.join(names) or NONE,
    }
