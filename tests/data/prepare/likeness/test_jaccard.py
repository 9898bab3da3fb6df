"""Jaccard: exact where sets are whole, unbiased where they are samples."""

from __future__ import annotations

import numpy as np
import pytest

from stillroom.data.prepare.likeness import jaccard as module
from stillroom.data.prepare.likeness.jaccard import jaccard
from stillroom.data.prepare.likeness.ragged import Ragged
from stillroom.data.prepare.likeness.shingles import Sets, sampled

Lists = list[list[int]]


def sets(lists: Lists, most: int = 10**6) -> Sets:
    return sampled(Ragged.of([np.array(each, np.uint64) for each in lists], np.uint64), most)


def slow(one: list[int], other: list[int]) -> float:
    first, second = ({tuple(each[at : at + 5]) for at in range(len(each) - 4)} for each in (one, other))
    return len(first & second) / len(first | second)


def edited(values: list[int], edits: int, generator: np.random.Generator) -> list[int]:
    found = list(values)
    for at in generator.integers(0, len(values), edits):
        found[at] = int(generator.integers(10**6))
    return found


@pytest.mark.parametrize("members_at_a_time", [1, 500, 2**21])
def test_pairs_are_those_of_a_slow_twin(monkeypatch: pytest.MonkeyPatch, members_at_a_time: int) -> None:
    monkeypatch.setattr(module, "_MEMBERS_AT_A_TIME", members_at_a_time)
    generator = np.random.default_rng(2)
    ones: Lists = [generator.integers(0, 30, length).tolist() for length in (5, 6, 40, 200, 900)]
    others = [edited(one, edits, generator) for one, edits in zip(ones, (0, 1, 2, 3, 9), strict=True)]
    pairs = [(one, other) for one in range(5) for other in range(5)]
    found = jaccard(
        sets(ones), np.array([one for one, _ in pairs]), sets(others), np.array([other for _, other in pairs])
    )
    assert found.tolist() == [slow(ones[one], others[other]) for one, other in pairs]


def test_samples_estimate_without_bias() -> None:
    generator = np.random.default_rng(3)
    one = generator.integers(0, 10**6, 20_000).tolist()
    errors = []
    for edits in (100, 300, 500, 900) * 3:
        other = edited(one, edits, generator)
        estimate = jaccard(sets([one], 1024), np.array([0]), sets([other[:-500]], 1024), np.array([0]))[0]
        errors.append(estimate - slow(one, other[:-500]))
    assert np.abs(errors).max() < 4 * np.sqrt(0.25 / 1024)
    assert abs(np.mean(errors)) < 3 * np.sqrt(0.25 / 1024 / len(errors))


def test_empty_sets_are_equal_and_unlike_all_others() -> None:
    made = sets([[], [], [1, 2, 3]])
    assert jaccard(made, np.array([0, 0, 2]), made, np.array([1, 2, 2])).tolist() == [1, 0, 1]
    assert len(jaccard(made, np.zeros(0, np.int64), made, np.zeros(0, np.int64))) == 0
