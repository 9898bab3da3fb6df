"""Bands: as likely to meet as the formula says."""

from __future__ import annotations

import pytest
from scipy.integrate import quad

from stillroom.data.prepare.likeness.bands import MISSED_WEIGHT, Bands, choose_bands


@pytest.mark.parametrize(("permutations", "threshold"), [(16, 0.5), (64, 0.9), (128, 0.8), (256, 0.7)])
def test_no_other_cut_has_a_lesser_error_integral(permutations: int, threshold: float) -> None:
    def error(bands: Bands) -> float:
        met = quad(bands.meeting, 0, threshold)[0]
        missed = quad(lambda similarity: 1 - bands.meeting(similarity), threshold, 1)[0]
        return float((1 - MISSED_WEIGHT) * met + MISSED_WEIGHT * missed)

    least = min(error(Bands(permutations // rows, rows)) for rows in range(1, permutations + 1))
    assert error(choose_bands(permutations, threshold)) == pytest.approx(least, rel=1e-3)


def test_near_copies_seldom_miss_each_other() -> None:
    bands = choose_bands(128, 0.8)
    assert bands.meeting(0.8) > 0.98
    assert bands.meeting(0.9) > 0.9999
    assert bands.meeting(0.3) < 0.005


def test_equal_weights_give_the_cut_that_datasketch_takes() -> None:
    assert choose_bands(128, 0.8, 0.5) == (9, 13)
