"""Mean ranks, Friedman's test and the critical difference of published tables."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import f, friedmanchisquare

from stillroom.validate.statistics.ranks import rank_methods


def test_the_worked_example_of_demsar() -> None:
    """Table 6 of Demšar 2006: four variants of C4.5 on 14 data sets."""
    scores = np.array(
        [
            [0.763, 0.768, 0.771, 0.798],
            [0.599, 0.591, 0.590, 0.569],
            [0.954, 0.971, 0.968, 0.967],
            [0.628, 0.661, 0.654, 0.657],
            [0.882, 0.888, 0.886, 0.898],
            [0.936, 0.931, 0.916, 0.931],
            [0.661, 0.668, 0.609, 0.685],
            [0.583, 0.583, 0.563, 0.625],
            [0.775, 0.838, 0.866, 0.875],
            [1.000, 1.000, 1.000, 1.000],
            [0.940, 0.962, 0.965, 0.962],
            [0.619, 0.666, 0.614, 0.669],
            [0.972, 0.981, 0.9751, 0.975],
            [0.957, 0.978, 0.946, 0.970],
        ]
    )
    found = rank_methods(scores)
    assert found.mean_ranks == pytest.approx([3.143, 2.000, 2.893, 1.964], abs=5e-4)
    assert found.critical_difference == pytest.approx(1.25, abs=5e-3)
    assert found.p_value < 0.05


@pytest.mark.parametrize(
    ("methods", "q"), [(2, 1.960), (3, 2.343), (4, 2.569), (5, 2.728), (7, 2.949), (10, 3.164)]
)
def test_the_studentised_range_is_the_published_one(methods: int, q: float) -> None:
    found = rank_methods(np.random.default_rng(0).random((6, methods)))
    assert found.critical_difference == pytest.approx(q * np.sqrt(methods * (methods + 1) / 36), abs=1e-3)


@pytest.mark.parametrize("ties", [False, True])
def test_the_p_value_is_imans_and_davenports_of_scipys_friedman(ties: bool) -> None:
    scores = np.random.default_rng(3).random((12, 4)) + np.linspace(0, 0.3, 4)
    scores = np.round(scores, 1) if ties else scores
    chi = friedmanchisquare(*scores.T).statistic
    expected = f.sf(11 * chi / (12 * 3 - chi), 3, 33)
    assert rank_methods(scores).p_value == pytest.approx(expected)


def test_lower_may_be_better() -> None:
    scores = np.random.default_rng(1).random((5, 3))
    assert (rank_methods(scores).mean_ranks == rank_methods(-scores, higher_is_better=False).mean_ranks).all()


def test_methods_that_always_tie_do_not_differ() -> None:
    assert rank_methods(np.ones((4, 3))).p_value == 1.0


def test_one_task_ranks_nothing() -> None:
    with pytest.raises(ValueError, match="1 tasks and 3 methods"):
        rank_methods(np.ones((1, 3)))
