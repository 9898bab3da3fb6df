"""Settling: from the best row down, only because of a row that stays."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from stillroom.data.prepare.stages.deduplicate.settle import HEADS, candidates, settle

Edges = set[tuple[int, int]]


def settled(keys: list[list[int]], near: Edges) -> list[int]:
    """Settle rows whose rank is their place."""
    ranks = np.arange(len(keys))

    def judge(ones: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.bool_]:
        pairs = zip(ones.tolist(), others.tolist(), strict=True)
        return np.array([pair in near or pair[::-1] in near for pair in pairs], bool)

    return settle(np.array(keys, np.uint64), ranks, ranks, judge, len(ranks)).tolist()


def slow(keys: list[list[int]], near: Edges) -> list[int]:
    """Row after row: out if it is near a better one that stays and shares a key with it."""
    stays = list(range(len(keys)))
    for row in range(len(keys)):
        for better in range(row):
            meets = any(a == b for a, b in zip(keys[better], keys[row], strict=True))
            if stays[better] == better and meets and ({(better, row), (row, better)} & near):
                stays[row] = better
                break
    return stays


def test_a_chain_whose_ends_are_unlike_keeps_both_where_the_best_is_an_end() -> None:
    keys = [[1], [1], [1]]
    assert settled(keys, {(0, 1), (1, 2)}) == [0, 0, 2]


def test_a_chain_keeps_its_middle_where_that_is_the_best() -> None:
    assert settled([[1], [1], [1]], {(0, 1), (0, 2)}) == [0, 0, 0]


def test_rows_that_share_no_key_are_not_compared() -> None:
    assert settled([[1, 5], [2, 6]], {(0, 1)}) == [0, 1]


@pytest.mark.parametrize("seed", range(30))
def test_small_groups_are_settled_as_by_a_slow_twin(seed: int) -> None:
    generator = np.random.default_rng(seed)
    keys = generator.integers(0, 12, (40, 3)).tolist()
    near = {(int(a), int(b)) for a, b in generator.integers(0, 40, (150, 2)) if a != b}
    found = settled(keys, near)
    if max(np.unique(np.array(keys)[:, band], return_counts=True)[1].max() for band in range(3)) <= HEADS + 1:
        assert found == slow(keys, near)
    for row, instead in enumerate(found):
        assert found[instead] == instead
        assert row == instead or {(row, instead), (instead, row)} & near


def test_copies_far_down_a_large_group_are_found_too() -> None:
    count = 10 * HEADS
    near = {(one, one + 1) for one in range(0, count, 2)}
    cliques = {(0, other) for other in range(1, 3 * HEADS)}
    found = settled([[1]] * count, near | cliques)
    assert found[: 3 * HEADS] == [0] * (3 * HEADS)
    assert found[3 * HEADS + 1] == 3 * HEADS


def test_work_on_a_group_of_equals_grows_with_its_size() -> None:
    count = 10_000
    ranks = np.arange(count)
    ones, _ = candidates(np.ones((count, 18), np.uint64), ranks, ranks)
    assert len(ones) <= HEADS * count
    alike = settle(
        np.ones((count, 18), np.uint64), ranks, ranks, lambda one, _: np.ones(len(one), bool), count
    )
    assert not alike.any()
