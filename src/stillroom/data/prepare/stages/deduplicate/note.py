"""What deduplication has to know of a table: keys, shingles and bands, never a text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stillroom.data.hashing import digest
from stillroom.data.prepare.likeness.bands import choose_bands
from stillroom.data.prepare.likeness.parts import lettered, numbered, parts_of, turning_sums
from stillroom.data.prepare.likeness.shingles import Sets, sampled
from stillroom.data.prepare.likeness.texts import Texts, texts_of
from stillroom.data.prepare.likeness.words import Numbers
from stillroom.data.prepare.settings.deduplicate import DeduplicateSettings

PART_MEMBERS = 256
"""Runs of letters that are kept of a question or an answer; an even sample of longer ones."""

FACTS = np.dtype(
    [
        ("id", np.uint64),
        ("content", np.uint64),
        ("question", np.uint64),
        ("answer", np.uint64),
        ("question_turns", np.uint64),
        ("answer_turns", np.uint64),
        ("words", np.uint32),
        ("question_words", np.uint32),
        ("answer_words", np.uint32),
        ("context_words", np.uint32),
        ("choice", np.bool_),
        ("labelled", np.bool_),
        ("benchmark", np.bool_),
    ]
)
"""Keys of a row's parts, their lengths, and what decides which copy stays."""


@dataclass(frozen=True)
class Note:
    """What is known of a table.

    Attributes:
        names: columns ``id`` and ``source``.
        facts: of each row, as ``FACTS``.
        texts: rows as texts to be compared; rows of a benchmark are not among them.
        questions: runs of letters of what each row asks.
        answers: runs of letters of its response.
    """

    names: pa.Table
    facts: NDArray[np.void]
    texts: Texts
    questions: Sets
    answers: Sets


def note_of(rows: pa.Table, settings: DeduplicateSettings) -> Note:
    """Note what has to be known of a table."""
    parts, numbers = parts_of(rows), Numbers()
    question, context, answer = (
        numbered(part, numbers) for part in (parts.question, parts.context, parts.answer)
    )
    facts = np.zeros(rows.num_rows, FACTS)
    facts["id"] = [digest(id) for id in rows["id"].to_pylist()]
    facts["content"], facts["question"] = parts.keys(), parts.question_keys()
    facts["answer"] = parts.answer_keys()
    facts["question_turns"] = turning_sums(question, numbers)
    facts["answer_turns"] = turning_sums(answer, numbers)
    facts["question_words"], facts["answer_words"] = question.lengths, answer.lengths
    facts["context_words"] = context.lengths
    facts["words"] = question.lengths + context.lengths + answer.lengths
    facts["choice"] = [bool(options) for options in rows["options"].to_pylist()]
    facts["labelled"] = facts["choice"] & (answer.lengths > 0)
    facts["benchmark"] = rows["benchmark"].to_numpy(zero_copy_only=False)
    whole = parts.whole
    bands = choose_bands(settings.permutations, settings.threshold)
    return Note(
        rows.select(["id", "source"]),
        facts,
        texts_of(whole, numbered(whole, numbers), ~facts["benchmark"], settings.threshold, bands),
        sampled(lettered(parts.question), PART_MEMBERS),
        sampled(lettered(parts.answer), PART_MEMBERS),
    )
