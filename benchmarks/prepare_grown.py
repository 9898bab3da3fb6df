"""A corpus of any size, grown from real rows, in which every copy is known.

A stream of rows of which every beginning is a corpus too. Most are *fresh*: a real row, or one with a third to a half
of its words exchanged for others of the corpus, so that no two are near. A fifth are *planted*: an earlier fresh row
with a slip here and there. One in twenty is a *hard negative*: it looks like a copy and says something else. Options,
and the answers chosen from them, stay as they are.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from stillroom.data.prepare.adapter import Malformed
from stillroom.data.prepare.adapters import ADAPTERS
from stillroom.data.prepare.likeness.words import turns, words

SOURCES = ("medquad", "medmcqa", "pubmedqa", "mts_dialog", "meqsum", "medical_abstracts")
"""Sources of the real rows; COVID-QA is left out, whose 147 documents of 6,000 words each would be most of the text."""
BENCHMARKS = ("mmlu_medical", "medqa")
PLANTED_SHARE, HARD_SHARE, LEAKED_SHARE = 0.2, 0.05, 0.001
WORDS_PER_SLIP = 58
"""A slip breaks six runs of five words at most (two words changing places), and a near copy shares 80 % of them:
(m − 6)/(m + 6) ≥ 0.8 for m ≥ 54 runs, 58 words. So there is one slip in 58 words; a shorter row has one in a letter."""
EDIT_RATES = (0.0, 0.005, 0.01, 1 / WORDS_PER_SLIP)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_OPPOSITES = (
    "left right increased decreased upper lower high low acute chronic male female most least before after"
)
_PAIRS = list(zip(_OPPOSITES.split()[::2], _OPPOSITES.split()[1::2], strict=True))
_TURNS = {**dict(_PAIRS), **{other: one for one, other in _PAIRS}}
_FILLERS = ("also", "usually", "often", "generally", "in fact", "then")
_TEXTS = ("prompt", "context", "response")
_CHOICE_TEXTS = ("prompt", "context")

Row = dict[str, Any]


class Grown(NamedTuple):
    """A row and the truth about it.

    Attributes:
        row: its columns.
        kind: ``real``, ``rewritten``, ``planted``, ``leaked`` or ``hard: …``.
        original: identifier of the row that it was made from; itself for fresh rows and hard negatives.
    """

    row: Row
    kind: str
    original: str


def real_rows(data: Path, names: Sequence[str] = SOURCES) -> list[Row]:
    """All sound rows of real sources that are not tested with; of benchmarks, those that are."""
    rows = []
    for name in names:
        adapter = ADAPTERS[name]
        for raw in adapter.read(data / adapter.folder):
            if not isinstance(raw, Malformed) and bool(raw.get("benchmark")) == (name in BENCHMARKS):
                kept = {column: raw[column] for column in ("task", *_TEXTS, "options") if raw.get(column)}
                rows.append({**kept, "id": f"{name}/{raw['id']}"})
    return rows


def grown(real: Sequence[Row], tests: Sequence[Row], seed: int = 0) -> Iterator[Grown]:
    """Yield rows without end."""
    generator = random.Random(seed)
    order = generator.sample(range(len(real)), len(real))
    vocabulary = [word for row in real for word in row.get("response", "").split()]
    fresh: list[Grown] = []
    for number in range(2**62):
        id, dice = f"row-{number}", generator.random()
        if dice < LEAKED_SHARE:
            item = generator.choice(tests)
            yield Grown(_slipped(item, id, generator, 0.005), "leaked", item["id"])
        elif dice < PLANTED_SHARE and len(fresh) > 100:
            origin = generator.choice(fresh)
            rate = generator.choice(EDIT_RATES)
            yield Grown(_slipped(origin.row, id, generator, rate), "planted", origin.original)
        elif dice < PLANTED_SHARE + HARD_SHARE and len(fresh) > 100:
            yield _hard(generator.choice(fresh).row, generator.choice(fresh).row, id, generator, vocabulary)
        else:
            fresh.append(_fresh(real, order, len(fresh), id, generator, vocabulary))
            yield fresh[-1]


def _fresh(
    real: Sequence[Row], order: Sequence[int], count: int, id: str, generator: random.Random, words: list[str]
) -> Grown:
    row = {**real[order[count % len(real)]], "id": id}
    if count < len(real):
        return Grown(row, "real", id)
    return Grown(_rewritten(row, generator.uniform(0.3, 0.5), generator, words), "rewritten", id)


def _rewritten(row: Row, share: float, generator: random.Random, vocabulary: list[str]) -> Row:
    """Exchange a share of the words of every text, at least one of each."""

    def exchange(text: str) -> str:
        found = text.split()
        for place in generator.sample(range(len(found)), max(1, round(share * len(found))) if found else 0):
            found[place] = generator.choice(vocabulary)
        return " ".join(found)

    return _edited(row, exchange)


def _slipped(row: Row, id: str, generator: random.Random, rate: float) -> Row:
    """Copy a row as people and programs do: with slips in a few words, or in case, spaces and marks alone."""
    texts, copy = _texts(row), {**row, "id": id}
    total = sum(len(row.get(name, "").split()) for name in texts)
    if rate == 0:
        return _edited(copy, generator.choice([str.upper, str.lower, _spaced, str.title]))
    slips = max(1, int(rate * total))
    for _ in range(slips):
        name = generator.choices(texts, [len(copy.get(name, "")) for name in texts])[0]
        copy[name] = _slip(copy[name], generator, letters_only=total < WORDS_PER_SLIP)
    return copy


def _slip(text: str, generator: random.Random, *, letters_only: bool) -> str:
    """Change one word that turns no meaning."""
    parts = re.split(r"(\s+)", text)
    places = [
        n for n, part in enumerate(parts) if len(part) > 3 and part.isalpha() and not turns(part.lower())
    ]
    if not places:
        return text
    place = generator.choice(places)
    kind = 0 if letters_only else generator.randrange(5)
    if kind < 2:
        parts[place] = _misspelt(parts[place], generator)
    elif kind == 2 and place + 2 < len(parts):
        parts[place], parts[place + 2] = parts[place + 2], parts[place]
    elif kind == 3:
        parts[place] = f"{parts[place]} {generator.choice(_FILLERS)}"
    else:
        parts[place] = ""
    return "".join(parts)


def _misspelt(word: str, generator: random.Random) -> str:
    at = generator.randrange(1, len(word))
    kind = generator.randrange(3)
    if kind == 0:
        return word[:at] + generator.choice(_LETTERS) + word[at + 1 :]
    return word[:at] + (generator.choice(_LETTERS) + word[at:] if kind == 1 else word[at + 1 :])


def _hard(one: Row, other: Row, id: str, generator: random.Random, vocabulary: list[str]) -> Grown:
    """Make a row that looks like another and says something else."""
    choices: list[tuple[str, Callable[[], Row | None]]] = [
        ("another number or side", lambda: _turned(one)),
        ("another question on the same text", lambda: _asked_otherwise(one, other)),
        ("another answer", lambda: _answered_otherwise(one, other)),
        ("every seventh word another", lambda: _rewritten(one, 0.15, generator, vocabulary)),
    ]
    generator.shuffle(choices)
    kind, row = next((kind, row) for kind, make in choices if (row := make()))
    return Grown({**row, "id": id}, f"hard: {kind}", id)


def _turned(row: Row) -> Row | None:
    """Turn one number or one word of a short question into another."""
    found = row.get("prompt", "").split()
    for place, word in enumerate(found):
        if len(words(row["prompt"])) < 49 and (turned := _turned_word(word)):
            return {**row, "prompt": " ".join([*found[:place], turned, *found[place + 1 :]])}
    return None


def _turned_word(word: str) -> str | None:
    if word.isdigit():
        return str(int(word) + 1)
    return _TURNS.get(word.lower())


def _asked_otherwise(row: Row, other: Row) -> Row | None:
    if len(row.get("context", "").split()) < 50 or "options" in row or "options" in other:
        return None
    return {**row, "prompt": other["prompt"], "response": other["response"]}


def _answered_otherwise(row: Row, other: Row) -> Row | None:
    if "options" in row or words(row.get("response", "")) == words(other.get("response", "")):
        return None
    return {**row, "response": other["response"]}


def _spaced(text: str) -> str:
    return text.replace(" ", "  ").replace(".", " .") + " "


def _edited(row: Row, edit: Callable[[str], str]) -> Row:
    return {**row, **{name: edit(row[name]) for name in _texts(row) if row.get(name)}}


def _texts(row: Row) -> tuple[str, ...]:
    return _CHOICE_TEXTS if "options" in row else _TEXTS
