"""Insertion and deletion on a model whose answer is a sum."""

from __future__ import annotations

import numpy as np
import pytest

from stillroom.validate.explain.curves import random_walks, walk

WEIGHTS = np.array([0.4, 0.3, 0.2, 0.1])
PRESENT = np.ones((1, 4), dtype=bool)


def additive(kept: np.ndarray) -> np.ndarray:
    return kept @ WEIGHTS


def test_the_true_order_gives_the_areas_worked_out_by_hand() -> None:
    found = walk(additive, WEIGHTS[None], PRESENT, points=16)
    assert found.shares.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert found.inserted[0].tolist() == pytest.approx([0, 0.4, 0.7, 0.9, 1.0])
    assert found.deleted[0].tolist() == pytest.approx([1.0, 0.6, 0.3, 0.1, 0.0])
    assert found.insertion[0] == pytest.approx((0.4 + 0.7 + 0.9 + 0.5) / 4)
    assert found.deletion[0] == pytest.approx((0.5 + 0.6 + 0.3 + 0.1) / 4)


def test_no_order_is_better_than_the_true_one_nor_worse_than_its_reverse() -> None:
    best, worst = (walk(additive, order[None], PRESENT, 4) for order in (WEIGHTS, -WEIGHTS))
    inserted, deleted = random_walks(additive, PRESENT, 4, orders=50, seed=0)
    assert worst.insertion[0] < inserted[0] < best.insertion[0]
    assert best.deletion[0] < deleted[0] < worst.deletion[0]
    # An order by chance gives a straight line on average.
    assert inserted[0] == pytest.approx(0.5, abs=0.03)


def test_units_that_a_case_lacks_are_never_given() -> None:
    seen = []

    def scores(kept: np.ndarray) -> np.ndarray:
        seen.append(kept)
        return kept.sum(1).astype(float)

    present = np.array([[True, True, False, False], [True, True, True, True]])
    found = walk(scores, np.array([[0.0, 1, 9, 9], [1, 2, 3, 4]]), present, points=4)
    assert not any(kept[~present].any() for kept in seen)
    assert found.inserted[:, -1].tolist() == [2, 4]
    assert found.deleted[:, -1].tolist() == [0, 0]
