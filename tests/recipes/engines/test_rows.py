from __future__ import annotations

import pickle

import numpy as np

from stillroom.recipes.engines.rows import JoinedRows
from stillroom.types import Encoded


def test_rows_come_back_with_all_that_they_say() -> None:
    doubted = np.array([True, False])
    rows = [Encoded(np.array([5, 6, 7, 8]), 2, doubted=doubted), Encoded(np.array([9, 3]), 1, weight=0.5)]
    first, second = pickle.loads(pickle.dumps(JoinedRows.of(rows))).cut()
    assert (first.ids.tolist(), first.start, first.weight) == ([5, 6, 7, 8], 2, 1.0)
    assert first.doubted.tolist() == [True, False]
    assert (second.ids.tolist(), second.start, second.weight, second.doubted) == ([9, 3], 1, 0.5, None)


def test_no_rows_are_no_rows() -> None:
    assert JoinedRows.of([]).cut() == []


def test_the_tokens_are_not_copied() -> None:
    joined = JoinedRows.of([Encoded(np.array([5, 6]), 1), Encoded(np.array([7, 8]), 1)])
    assert all(np.shares_memory(row.ids, joined.ids) for row in joined.cut())
