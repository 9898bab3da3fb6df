"""Rows to plant into a corpus: copies, near copies, leaks of test items, identifiers, and rows like no other."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stillroom.data.prepare.stages.deidentify.held_out_forms import HELD_OUT
from stillroom.data.prepare.stages.deidentify.planted_forms import KNOWN
from stillroom.data.prepare.stages.deidentify.planting import plant

Row = dict[str, Any]
_REPLACED: Mapping[str, float] = {"one word in fifty replaced": 0.02, "one word in twenty replaced": 0.05}
_SENTENCES = 6
_TEXTS = ("prompt", "context", "response")
_LEAKS = (
    "as it is",
    "other case and order of options",
    "inside a longer text",
    "one word in twenty replaced",
)


@dataclass(frozen=True)
class Plant:
    """A planted row.

    Attributes:
        row: the row.
        kind: what it is.
        of: identifier of the row it is a copy or a leak of; empty for others.
        secret: the identifier of a person that was planted into it; empty for others.
    """

    row: Row
    kind: str
    of: str = ""
    secret: str = ""


def copies(rows: Sequence[Row]) -> Iterator[Plant]:
    """Exact copies but for case and spacing."""
    for number, row in enumerate(rows):
        texts = {name: _shouted(row[name]) for name in _TEXTS if row.get(name)}
        options = [_shouted(option) for option in row.get("options", ())]
        yield Plant(_row(row, f"copy-{number}", **texts, options=options), "exact copy", row["id"])


def near_copies(rows: Sequence[Row], seed: int) -> Iterator[Plant]:
    """Copies with some words replaced by others of the same text, few and more by turns."""
    for number, row in enumerate(rows):
        how, share = list(_REPLACED.items())[number % len(_REPLACED)]
        names = ("prompt", "context") if row.get("options") else _TEXTS
        drawn = random.Random(f"{seed} {number}")
        texts = {name: _edited(row.get(name, ""), share, drawn) for name in names}
        yield Plant(_row(row, f"near-{number}", **texts), f"near copy: {how}", row["id"])


def others(rows: Sequence[Row], seed: int) -> Iterator[Plant]:
    """Rows of real sentences that never stood together: no copies of anything."""
    pool = [sentence for row in rows for sentence in row["response"].split(". ") if len(sentence.split()) > 8]
    random.Random(seed).shuffle(pool)
    for number in range(len(pool) // (_SENTENCES + 1)):
        asked, *told = pool[number * (_SENTENCES + 1) : (number + 1) * (_SENTENCES + 1)]
        prompt, response = f"What follows from this: {asked}?", ". ".join(told)
        yield Plant(_plain(f"other-{number}", prompt, response), "no copy")


def leaks(items: Sequence[Row], seed: int) -> Iterator[Plant]:
    """Test items as rows to learn from, in four disguises by turns."""
    for number, item in enumerate(items):
        kind = _LEAKS[number % len(_LEAKS)]
        yield Plant(
            _leak(item, kind, f"leak-{number}", random.Random(f"{seed} {number}")),
            f"leak: {kind}",
            item["id"],
        )


def identifiers(texts: Sequence[str], seed: int) -> Iterator[Plant]:
    """Notes with one identifier of nobody in each, by turns in known forms and in forms held out."""
    for name, forms, some in (("known", KNOWN, texts[::2]), ("held out", HELD_OUT, texts[1::2])):
        for number, planted in enumerate(plant(some, forms, seed)):
            secret = planted.text[planted.span.start : planted.span.stop]
            row = _plain(
                f"note-{name.partition(' ')[0]}-{number}", f"Write note {number} of the visit.", planted.text
            )
            yield Plant({**row, "task": "note"}, f"{planted.span.kind} ({name} forms)", secret=secret)


def _leak(item: Row, kind: str, id: str, drawn: random.Random) -> Row:
    if kind == _LEAKS[0]:
        return _row(item, id)
    if kind == _LEAKS[1]:
        options = drawn.sample(item["options"], len(item["options"]))
        return _row(item, id, prompt=item["prompt"].upper(), options=options)
    if kind == _LEAKS[2]:
        asked = " ".join(filter(None, (item.get("context"), item["prompt"])))
        return _plain(
            id,
            f"Think of the ward. A student is asked the following. {asked} What is right?",
            item["response"],
        )
    edited = {name: _edited(item.get(name, ""), _REPLACED[kind], drawn) for name in ("prompt", "context")}
    return _row(item, id, **edited)


def _row(row: Row, id: str, **changes: Any) -> Row:
    kept = {name: row[name] for name in (*_TEXTS, "task", "options") if row.get(name)}
    return {**kept, **changes, "id": id, "split": "train"}


def _plain(id: str, prompt: str, response: str) -> Row:
    return {"id": id, "task": "question_answering", "prompt": prompt, "response": response, "split": "train"}


def _shouted(text: str) -> str:
    return text.upper().replace(" ", "  ")


def _edited(text: str, share: float, drawn: random.Random) -> str:
    words = text.split(" ")
    for place in drawn.sample(range(len(words)), round(share * len(words))):
        words[place] = drawn.choice(words)
    return " ".join(words)
