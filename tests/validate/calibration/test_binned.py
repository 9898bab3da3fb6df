"""Calibration against an obvious twin, and against models whose calibration is known."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from stillroom.validate.calibration.binned import (
    bin_sums,
    brier,
    calibration_error,
    equal_mass_edges,
    equal_width_edges,
    reliability,
)
from stillroom.validate.statistics.bootstrap import Array, estimate, resample

BINS = 10


def slow_calibration_error(confidence: Array, right: Array, edges: Array) -> float:
    """The definition, bin by bin."""
    bounds = [-np.inf, *edges, np.inf]
    total = 0.0
    for low, high in pairwise(bounds):
        inside = [(c, r) for c, r in zip(confidence, right, strict=True) if low <= c < high]
        if inside:
            mean_confidence = sum(c for c, _ in inside) / len(inside)
            accuracy = sum(r for _, r in inside) / len(inside)
            total += len(inside) / len(confidence) * abs(accuracy - mean_confidence)
    return total


def predictions(count: int, lie: float = 0.0, seed: int = 0) -> tuple[Array, Array]:
    """Confidences and outcomes of a model that is right ``lie`` less often than it says."""
    random = np.random.default_rng(seed)
    confidence = random.uniform(0.3, 1.0, size=count)
    return confidence, (random.random(count) < confidence - lie).astype(np.float64)


def error_of(confidence: Array, right: Array, edges: Array) -> float:
    return float(calibration_error(bin_sums(confidence, right, np.arange(len(right)), edges).sum(axis=0)))


@pytest.mark.parametrize("lie", [0.0, 0.2])
@pytest.mark.parametrize("scheme", ["mass", "width"])
def test_equals_the_slow_definition(scheme: str, lie: float) -> None:
    confidence, right = predictions(500, lie)
    edges = equal_mass_edges(confidence, BINS) if scheme == "mass" else equal_width_edges(BINS)
    assert error_of(confidence, right, edges) == pytest.approx(
        slow_calibration_error(confidence, right, edges)
    )


def test_ties_and_certainty_fall_in_a_bin() -> None:
    confidence, right = np.array([0.5, 0.5, 0.5, 1.0]), np.array([1.0, 0.0, 1.0, 1.0])
    for edges in (equal_mass_edges(confidence, 4), equal_width_edges(4)):
        assert bin_sums(confidence, right, np.arange(4), edges).reshape(4, -1, 3)[..., 0].sum() == 4
        assert error_of(confidence, right, edges) == pytest.approx(
            slow_calibration_error(confidence, right, edges)
        )


def test_bins_of_equal_mass_hold_equally_many() -> None:
    confidence, right = predictions(1000)
    sums = bin_sums(confidence, right, np.arange(1000), equal_mass_edges(confidence, BINS))
    assert reliability(sums)[2].tolist() == [100.0] * BINS


def test_error_is_how_much_the_model_lies() -> None:
    confidence, right = predictions(100_000, lie=0.15)
    assert error_of(confidence, right, equal_mass_edges(confidence, BINS)) == pytest.approx(0.15, abs=0.005)


def test_reliability_leaves_out_empty_bins() -> None:
    sums = bin_sums(np.array([0.9, 0.8]), np.array([1.0, 0.0]), np.array([0, 1]), equal_width_edges(2))
    confidence, accuracy, count = reliability(sums)
    assert confidence.tolist() == pytest.approx([0.85])
    assert (accuracy.tolist(), count.tolist()) == ([0.5], [2.0])


def test_sums_belong_to_the_example_of_the_prediction() -> None:
    rows = np.array([0, 0, 2])
    sums = bin_sums(np.array([0.2, 0.9, 0.9]), np.array([0.0, 1.0, 1.0]), rows, equal_width_edges(2))
    assert sums.reshape(3, 2, 3)[..., 0].tolist() == [[1, 1], [0, 0], [0, 1]]


def test_brier_is_the_squared_error_of_confidence() -> None:
    confidence, right = predictions(200)
    assert brier(confidence, right).sum() == pytest.approx(
        sum((c - r) ** 2 for c, r in zip(confidence, right, strict=True))
    )


def test_mirrored_draws_cover_where_percentiles_cannot() -> None:
    """Resampling inflates the error of a well calibrated model: percentiles miss a true error of zero."""
    held = {True: 0, False: 0}
    for seed in range(60):
        confidence, right = predictions(1500, seed=seed)
        sums = bin_sums(confidence, right, np.arange(1500) // 10, equal_mass_edges(confidence, BINS))
        counts = resample(len(sums), 200, seed)
        for reflect in held:
            low, _ = estimate(sums, calibration_error, counts, reflect=reflect).interval()
            held[reflect] += low <= 0.002
    assert held[False] == 0
    assert held[True] >= 30
