"""Which teacher layer a student layer is held against."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from stillroom.models.layer_map import LayerMap
from stillroom.types import ModelError


def test_of_32_and_16_layers_hidden_state_2k_goes_with_k() -> None:
    assert LayerMap.uniform(16, 32).states == tuple((k, 2 * k) for k in range(17))


def test_a_student_may_be_deeper_than_its_teacher() -> None:
    found = LayerMap.uniform(30, 18)
    assert found.pairs[0] == (0, 0)
    assert found.pairs[-1] == (29, 17)
    assert found.teacher == tuple(sorted(found.teacher))


def test_cut_layers_are_held_against_what_the_next_one_reads() -> None:
    assert LayerMap.as_cut((2, 5, 8), 9).teacher == (4, 7, 8)


@pytest.mark.parametrize("seed", range(5))
def test_the_most_similar_map_is_the_best_of_all_ascending_ones(seed: int) -> None:
    similarity = np.random.default_rng(seed).normal(size=(4, 9))
    every = ((*start, 8) for start in combinations(range(8), 3))
    best = max(every, key=lambda columns: sum(similarity[row, column] for row, column in enumerate(columns)))
    assert LayerMap.most_similar(similarity).teacher == best


def test_a_student_with_more_layers_has_no_map_by_similarity() -> None:
    with pytest.raises(ModelError, match="name the pairs"):
        LayerMap.most_similar(np.ones((3, 2)))


@pytest.mark.parametrize(
    "pairs", [[], [(1, 0), (0, 1)], [(0, 2), (1, 1)], [(0, 9)], [(4, 0)], [(0, 0), (0, 1)]]
)
def test_pairs_that_cross_repeat_or_lead_nowhere_are_refused(pairs: list[tuple[int, int]]) -> None:
    with pytest.raises(ModelError, match="student layer 0 to 3, teacher layer 0 to 8"):
        LayerMap.listed(pairs, 4, 9)
