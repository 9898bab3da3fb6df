"""Does a model know when it is right? Binned calibration error, Brier score and the reliability diagram."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stillroom.validate.statistics.bootstrap import Array

BIN_STATISTICS = 3
"""Per bin: number of predictions, sum of confidence, number right."""


def equal_mass_edges(confidence: Array, bins: int) -> Array:
    """Inner edges that put equally many predictions in each bin (adaptive bins, Nguyen & O'Connor 2015).

    >>> equal_mass_edges(np.array([0.1, 0.2, 0.3, 0.9]), 2)
    array([0.25])
    """
    return np.quantile(confidence, np.arange(1, bins) / bins)


def equal_width_edges(bins: int) -> Array:
    """Inner edges of bins of equal width over [0, 1] (Guo et al. 2017).

    >>> equal_width_edges(4)
    array([0.25, 0.5 , 0.75])
    """
    return np.asarray(np.arange(1, bins) / bins, dtype=np.float64)


def bin_sums(confidence: Array, right: Array, rows: NDArray[np.int64], edges: Array) -> Array:
    """Sum the bins of each example, so that examples can be resampled.

    Args:
        confidence: probability of the first choice, shape ``(predictions,)``.
        right: 1 where the first choice was right, else 0, shape ``(predictions,)``.
        rows: index of the example of each prediction, from 0, ascending.
        edges: inner edges of the bins; a confidence on an edge belongs to the bin above it.

    Returns:
        Shape ``(examples, bins * 3)``: count, confidence and right of the first bin, then of the second …
    """
    bins, examples = len(edges) + 1, int(rows[-1]) + 1
    cell = rows * bins + np.searchsorted(edges, confidence, side="right")
    columns = [
        np.bincount(cell, weights=weights, minlength=examples * bins)
        for weights in (np.ones_like(confidence), confidence, right)
    ]
    return np.stack(columns, axis=-1).astype(np.float64).reshape(examples, bins * BIN_STATISTICS)


def calibration_error(sums: Array) -> Array:
    """ECE from summed bins: Σ_b (n_b / n) · |accuracy_b − confidence_b|.

    >>> one_bin = np.array([10.0, 9.0, 6.0])  # 10 predictions, mean confidence 0.9, 6 right
    >>> round(float(calibration_error(one_bin)), 3)
    0.3
    """
    bins = _split(sums)
    gaps = np.abs(bins[..., 1] - bins[..., 2]).sum(axis=-1)
    return np.asarray(gaps / bins[..., 0].sum(axis=-1))


def reliability(sums: Array) -> tuple[Array, Array, Array]:
    """Points of the reliability diagram.

    Args:
        sums: from :func:`bin_sums`, shape ``(examples, bins * 3)``.

    Returns:
        Mean confidence, accuracy and number of predictions of each bin that is not empty.
    """
    count, confidence, right = _split(sums.sum(axis=0)).T
    full = count > 0
    return confidence[full] / count[full], right[full] / count[full], count[full]


def brier(confidence: Array, right: Array) -> Array:
    """Squared error of the top-1 confidence of each prediction (Brier 1950), shape ``(predictions,)``.

    >>> brier(np.array([0.9]), np.array([0.0])).round(2)
    array([0.81])
    """
    return (confidence - right) ** 2


def _split(sums: Array) -> Array:
    return sums.reshape(*sums.shape[:-1], -1, BIN_STATISTICS)
