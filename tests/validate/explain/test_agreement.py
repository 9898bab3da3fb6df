"""Agreement against SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import spearmanr

from stillroom.validate.explain.agreement import attention_likeness, rank_correlation, top_overlap

RANDOM = np.random.default_rng(2)
ONE, OTHER = RANDOM.normal(size=(2, 6, 9)).round(1)  # rounded, so that there are ties


def test_rank_correlation_is_scipys() -> None:
    present = np.ones((6, 9), dtype=bool)
    present[0, 5:] = False
    expected = [spearmanr(a[has], b[has]).statistic for a, b, has in zip(ONE, OTHER, present, strict=True)]
    np.testing.assert_allclose(rank_correlation(ONE, OTHER, present), expected)


def test_equal_attributions_have_no_ranks() -> None:
    assert np.isnan(rank_correlation(np.ones((1, 3)), ONE[:1, :3], np.ones((1, 3), bool))).all()


def test_overlap_counts_the_largest_by_size() -> None:
    present = np.ones((1, 5), dtype=bool)
    one, other = np.array([[5.0, -4, 3, 0, 0]]), np.array([[-5.0, 0, 3, 4, 0]])
    assert top_overlap(one, other, present, 3) == pytest.approx(2 / 3)
    present[0, 2:] = False
    assert top_overlap(one, other, present, 3) == 1.0


def test_likeness_of_attention_is_one_minus_scipys_divergence() -> None:
    one, other = (np.exp(of) / np.exp(of).sum(1, keepdims=True) for of in (ONE, OTHER))
    expected = [1 - jensenshannon(a, b, base=2) ** 2 for a, b in zip(one, other, strict=True)]
    np.testing.assert_allclose(attention_likeness(one, other), expected)
    np.testing.assert_allclose(attention_likeness(one, one), 1.0)
