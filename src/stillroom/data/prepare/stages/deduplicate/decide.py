"""From what was noted of all tables to a verdict on every row."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stillroom.data.prepare.likeness.near import near
from stillroom.data.prepare.likeness.ragged import Array, changes
from stillroom.data.prepare.settings.deduplicate import DeduplicateSettings
from stillroom.data.prepare.stages.deduplicate.gathered import Gathered
from stillroom.data.prepare.stages.deduplicate.settle import settle
from stillroom.data.prepare.stages.deduplicate.verdicts import CONTRADICTION, EXACT, NEAR, Verdicts


def verdicts(known: Gathered, settings: DeduplicateSettings) -> Verdicts:
    """Judge every row."""
    rows = np.empty(len(known.ranks), np.int64)
    rows[known.ranks] = np.arange(len(rows))
    facts = known.profiles.facts[rows]
    instead = _instead(known, facts, rows, settings.threshold)
    reasons = np.where(facts["content"] == facts["content"][instead], EXACT, NEAR)
    answered = _answered_otherwise(facts)
    contradicted = answered >= 0
    if settings.contradictions == "drop":
        more = contradicted & facts["choice"] & (instead == np.arange(len(rows)))
        instead[more], reasons[more] = answered[more], CONTRADICTION
    left_out = np.flatnonzero(instead != np.arange(len(rows)))
    return _made(known, rows, facts, left_out, instead, reasons, contradicted)


def _instead(
    known: Gathered, facts: NDArray[np.void], rows: NDArray[np.int64], threshold: float
) -> NDArray[np.int64]:
    """By rank: the rank of the row that stays in a row's place."""
    first = first_of(np.where(facts["benchmark"], facts["id"], facts["content"]))
    profiles = known.profiles
    ranks = known.ranks[profiles.texts.rows]
    texts = np.flatnonzero(first[ranks] == ranks)

    def judge(ones: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.bool_]:
        return near(profiles, ones, profiles, others, threshold)

    return settle(profiles.texts.keys, ranks, texts, judge, len(rows))[first]


def first_of(keys: Array) -> NDArray[np.int64]:
    """The first place of each place's key.

    >>> first_of(np.array([7, 5, 7])).tolist()
    [0, 1, 0]
    """
    order = np.argsort(keys, kind="stable")
    begins = np.flatnonzero(changes(keys[order]))
    found = np.empty(len(keys), np.int64)
    found[order] = np.repeat(order[begins], np.diff(np.append(begins, len(keys))))
    return found


def _answered_otherwise(facts: NDArray[np.void]) -> NDArray[np.int64]:
    """By rank: the best row that gives the same question another answer; −1 where there is none."""
    first = first_of(np.where(facts["benchmark"], facts["id"], facts["question"]))
    other = np.flatnonzero(facts["answer"] != facts["answer"][first])
    found = np.full(len(facts), -1)
    found[other] = first[other]
    found[first[other][::-1]] = other[::-1]
    return found


def _made(
    known: Gathered,
    rows: NDArray[np.int64],
    facts: NDArray[np.void],
    left_out: NDArray[np.int64],
    instead: NDArray[np.int64],
    reasons: NDArray[np.int64],
    contradicted: NDArray[np.bool_],
) -> Verdicts:
    order = left_out[np.argsort(facts["id"][left_out])]
    return Verdicts(
        facts["id"][order],
        reasons[order].astype(np.uint8),
        known.ids.take(pa.array(rows[instead[order]])).combine_chunks(),
        np.sort(facts["id"][contradicted]),
    )
