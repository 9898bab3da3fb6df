"""What gives a test item away, as runs of words, and where a row may hold it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stillroom.data.prepare.likeness.parts import Parts, Words, numbered
from stillroom.data.prepare.likeness.ragged import Ragged, distinct
from stillroom.data.prepare.likeness.shingles import windows
from stillroom.data.prepare.likeness.words import key

RUN = 13
"""Words in a run (Brown et al. 2020, arXiv:2005.14165, appendix C)."""
SHORTEST_RUN = 8
"""A passage of fewer words than this is common speech inside another text: it must be the whole of a part."""

Kind = Literal["options", "answer", "text"]
"""Where a passage is looked for: in a question with its options, in a prompt with its answer, in any text of a row."""


class Place(NamedTuple):
    """What is compared with what.

    Attributes:
        kind: in which parts of a row.
        run: words in a run; 0: whole parts.
    """

    kind: Kind
    run: int


class Passage(NamedTuple):
    """A passage of a test item.

    Attributes:
        item: its row.
        place: where rows are searched for it.
        runs: its distinct runs.
        anchors: its runs of ``SHORTEST_RUN`` words: a row without any of them does not hold it.
    """

    item: int
    place: Place
    runs: NDArray[np.uint64]
    anchors: NDArray[np.uint64]


def passages(parts: Parts) -> Iterator[Passage]:
    """The passages of test items.

    Of an item with a context: the context, and an answer that is long enough to be its own; what is asked is often the
    same of all. Of one with options: the prompt with its options, and the prompt with its answer; a prompt alone
    ("Which of the following is true?") gives nothing away. Of any other: the prompt, and the prompt with its answer.
    """
    for item, (prompt, question, context, answer) in enumerate(_rows(parts)):
        if len(context) >= SHORTEST_RUN:
            yield _passage(item, "text", context)
        if context and len(answer) >= RUN:
            yield _passage(item, "answer", answer)
        if context:
            continue
        if question:
            choice = len(question) > len(prompt)
            yield _passage(item, "options" if choice else "text", question)
        if answer:
            yield _passage(item, "answer", prompt + answer)


def runs_in(parts: Parts, place: Place) -> Iterator[tuple[NDArray[np.int64], NDArray[np.uint64]]]:
    """Where rows may hold a passage: the row of each run, and the run. Answers are sought in rows without options."""
    rows = [_searched(place, *row) for row in _rows(parts)]
    for number in range(max(map(len, rows), default=0)):
        texts = [row[number] if number < len(row) else [] for row in rows]
        if place.run:
            yield from windows(numbered(texts), place.run)
        else:
            wholes = np.flatnonzero([0 < len(text) < SHORTEST_RUN for text in texts])
            yield wholes, np.array([key(texts[row]) for row in wholes.tolist()], np.uint64)


def anchored(parts: Parts, anchors: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Rows that share a run of ``SHORTEST_RUN`` words with any passage; ``anchors`` in rising order."""
    found = [np.zeros(0, np.int64)]
    for texts in (
        parts.question,
        [p + a for p, a in zip(parts.prompt, parts.answer, strict=True)],
        parts.context,
    ):
        for rows, runs in windows(numbered(texts), SHORTEST_RUN):
            places = np.minimum(np.searchsorted(anchors, runs), len(anchors) - 1)
            found.append(distinct(rows[anchors[places] == runs]))
    return distinct(np.concatenate(found))


def _searched(
    place: Place, prompt: list[str], question: list[str], context: list[str], answer: list[str]
) -> Words:
    choice = len(question) > len(prompt)
    if place.kind == "options":
        return [question] if choice else []
    if place.kind == "answer":
        return [] if choice else [prompt + answer]
    if place.run:
        return [prompt + answer, context]
    return [] if choice or context else [prompt]


def _passage(item: int, kind: Kind, text: list[str]) -> Passage:
    if len(text) < SHORTEST_RUN:
        return Passage(item, Place(kind, 0), np.array([key(text)], np.uint64), np.zeros(0, np.uint64))
    place, numbers = Place(kind, min(RUN, len(text))), numbered([text])
    return Passage(item, place, _runs(numbers, place.run), _runs(numbers, SHORTEST_RUN))


def _runs(text: Ragged, size: int) -> NDArray[np.uint64]:
    return distinct(np.concatenate([runs for _, runs in windows(text, size)]))


def _rows(parts: Parts) -> Iterator[tuple[list[str], list[str], list[str], list[str]]]:
    return zip(parts.prompt, parts.question, parts.context, parts.answer, strict=True)
