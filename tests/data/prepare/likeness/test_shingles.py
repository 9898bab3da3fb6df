"""Shingles: the sets of a slow twin, whatever the length of texts and the size of blocks."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from stillroom.data.prepare.likeness import shingles
from stillroom.data.prepare.likeness.ragged import Ragged
from stillroom.data.prepare.likeness.shingles import ALL, sampled, windows


def lists(lengths: list[int], values: int = 4) -> Ragged:
    generator = np.random.default_rng(1)
    return Ragged.of(
        [generator.integers(1, values, length).astype(np.uint64) for length in lengths], np.uint64
    )


def slow(values: list[int], size: int) -> set[tuple[int, ...]]:
    if not values:
        return set()
    filled = values + [0] * (size - len(values))
    return {tuple(filled[at : at + size]) for at in range(len(filled) - size + 1)}


@pytest.mark.parametrize("size", [1, 2, 5])
@pytest.mark.parametrize("block", [1, 7, 2**16])
def test_runs_are_those_of_a_slow_twin(monkeypatch: pytest.MonkeyPatch, size: int, block: int) -> None:
    monkeypatch.setattr(shingles, "_BLOCK", block)
    made = lists([0, 1, 4, 5, 6, 300, 0])
    sets = sampled(made, 10**6, size)
    twins = [slow(made.take(np.array([at])).values.tolist(), size) for at in range(len(made))]
    assert sets.members.lengths.tolist() == [len(twin) for twin in twins]
    named: dict[int, tuple[int, ...]] = {}
    for owners, _ in windows(made, size):
        assert (np.diff(owners) >= 0).all()
    for at, twin in enumerate(twins):
        for run in twin:
            number = int(sampled(Ragged.of([np.array(run, np.uint64)], np.uint64), 9, size).members.values[0])
            assert named.setdefault(number, run) == run
            assert number in sets.members.take(np.array([at])).values


def test_members_rise() -> None:
    sets = sampled(lists([50, 60], 1000), 10**6)
    for start, end in pairwise(sets.members.starts.tolist()):
        assert (np.diff(sets.members.values[start:end].astype(np.int64)) > 0).all()


def test_a_large_set_is_an_even_sample_of_about_the_size_asked_for() -> None:
    whole = sampled(lists([50_000], 10**6), 10**6)
    sample = sampled(lists([50_000], 10**6), 1000)
    assert whole.limits[0] == ALL
    assert abs(len(sample.members.values) - 1000) < 4 * np.sqrt(1000)
    kept = whole.members.values[whole.members.values <= sample.limits[0]]
    assert kept.tolist() == sample.members.values.tolist()


def test_no_lists_are_no_sets() -> None:
    assert len(sampled(lists([]), 9).members) == 0
    assert sampled(lists([0, 0]), 9).members.lengths.tolist() == [0, 0]
