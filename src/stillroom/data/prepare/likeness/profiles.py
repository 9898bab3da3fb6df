"""What has to be known of rows to compare them: keys, shingles and bands, never a text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stillroom.data.hashing import digest
from stillroom.data.prepare.likeness.bands import Bands
from stillroom.data.prepare.likeness.parts import Parts, Words, lettered, numbered, turning_sums
from stillroom.data.prepare.likeness.shingles import Sets, sampled
from stillroom.data.prepare.likeness.spill import Spill, SpilledSets
from stillroom.data.prepare.likeness.texts import Texts, texts_of

PART_MEMBERS = 256
"""Runs of letters that are kept of a question, a context or an answer; an even sample of longer ones."""

FACTS = np.dtype(
    [
        ("id", np.uint64),
        ("content", np.uint64),
        ("question", np.uint64),
        ("answer", np.uint64),
        ("question_turns", np.uint64),
        ("context_turns", np.uint64),
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
class Profiles:
    """What is known of rows.

    Attributes:
        facts: of each row, as ``FACTS``.
        texts: rows as texts to be compared, in the order of the tables.
        questions: runs of letters of each prompt; options that many questions share say little.
        contexts: runs of letters of what it is asked about.
        answers: runs of letters of its response.
    """

    facts: NDArray[np.void]
    texts: Texts
    questions: Sets
    contexts: Sets
    answers: Sets


def profiles_of(
    rows: pa.Table, parts: Parts, whole: Words, compared: NDArray[np.bool_], threshold: float, bands: Bands
) -> Profiles:
    """Profile the rows of a table.

    Args:
        rows: as ``ROW``.
        parts: their words.
        whole: what of them is compared as one text.
        compared: rows that are among the texts.
        threshold: similarity of a near copy.
        bands: how signatures are cut.
    """
    facts, texts = _facts(rows, parts), numbered(whole)
    facts["words"] = texts.lengths
    return Profiles(
        facts,
        texts_of(whole, texts, compared, threshold, bands),
        sampled(lettered(parts.prompt), PART_MEMBERS),
        sampled(lettered(parts.context), PART_MEMBERS),
        sampled(lettered(parts.answer), PART_MEMBERS),
    )


def hashed(ids: Sequence[str]) -> NDArray[np.uint64]:
    """Hash identifiers."""
    return np.array([digest(id) for id in ids], np.uint64)


def _facts(rows: pa.Table, parts: Parts) -> NDArray[np.void]:
    question, context, answer = (numbered(part) for part in (parts.question, parts.context, parts.answer))
    facts = np.zeros(rows.num_rows, FACTS)
    facts["id"] = hashed(rows["id"].to_pylist())
    facts["content"], facts["question"] = parts.keys(), parts.question_keys()
    facts["answer"] = parts.answer_keys()
    facts["question_turns"] = turning_sums(question)
    facts["context_turns"], facts["answer_turns"] = turning_sums(context), turning_sums(answer)
    facts["question_words"], facts["answer_words"] = question.lengths, answer.lengths
    facts["context_words"] = context.lengths
    facts["choice"] = [bool(options) for options in rows["options"].to_pylist()]
    facts["labelled"] = facts["choice"] & (answer.lengths > 0)
    facts["benchmark"] = rows["benchmark"].to_numpy(zero_copy_only=False)
    return facts


def joined(parts: Iterable[Profiles], bands: Bands) -> Profiles:
    """The profiles of many tables. Facts lie in memory; shingles and bands are mapped from the disk."""
    texts, questions, contexts, answers = (SpilledSets() for _ in range(4))
    keys, facts, count = Spill(np.uint64, bands.number), [np.zeros(0, FACTS)], 0
    rows, by_letters = [np.zeros(0, np.int64)], [np.zeros(0, np.bool_)]
    for part in parts:
        facts.append(part.facts)
        rows.append(part.texts.rows + count)
        by_letters.append(part.texts.by_letters)
        count += len(part.facts)
        texts.add(part.texts.sets)
        questions.add(part.questions)
        contexts.add(part.contexts)
        answers.add(part.answers)
        keys.add(part.texts.keys)
    all_texts = Texts(np.concatenate(rows), np.concatenate(by_letters), texts.mapped(), keys.mapped())
    return Profiles(np.concatenate(facts), all_texts, questions.mapped(), contexts.mapped(), answers.mapped())
