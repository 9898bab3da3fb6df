"""Figures of probabilities themselves: how far they are from what was true, and how sure they are of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stillroom.validate.calibration.binned import bin_sums, calibration_error, equal_mass_edges
from stillroom.validate.statistics.level import Array
from stillroom.validate.statistics.measures import Summed

_LEAST = float(np.finfo(np.float64).eps)


def log_losses(probabilities: Array, truth: NDArray[np.bool_], *, labels: bool) -> Array:
    """Negative log-probability of what was true, shape ``(items,)``.

    Probabilities are held above 2·10⁻¹⁶, so that one certain mistake costs 36 nats and not infinity.

    Args:
        probabilities: shape ``(items, classes)``.
        truth: which classes or labels are true, same shape.
        labels: columns are labels, each a distribution of its own; the mean over them is taken.
    """
    held = np.clip(probabilities, _LEAST, 1 - _LEAST) if labels else np.maximum(probabilities, _LEAST)
    if labels:
        return np.asarray(-np.where(truth, np.log(held), np.log1p(-held)).mean(axis=1))
    return np.asarray(-np.log(held[truth]))


def brier_scores(probabilities: Array, truth: NDArray[np.bool_], *, halve: bool) -> Array:
    """Squared gap between probabilities and truth, shape ``(items,)`` (Brier 1950).

    Args:
        probabilities: shape ``(items, classes)``.
        truth: same shape.
        halve: take the mean over columns instead of their sum: of two classes, and of labels, the usual convention.
    """
    gaps = (probabilities - truth) ** 2
    return np.asarray(gaps.mean(axis=1) if halve else gaps.sum(axis=1))


def binned(probability: Array, truth: NDArray[np.bool_], bins: int) -> Array:
    """Count, probability and truth of each item in its bin of equal mass, ``(items, bins * 3)``."""
    rows, edges = np.arange(len(probability)), equal_mass_edges(probability, bins)
    return bin_sums(probability, truth.astype(np.float64), rows, edges)


def brier_parts(columns: Array, part: str = "") -> list[Summed]:
    r"""Reliability and resolution of one probability, :func:`binned`.

    .. math:: BS \approx \frac1n \sum_b n_b (\bar p_b - \bar y_b)^2
              - \frac1n \sum_b n_b (\bar y_b - \bar y)^2 + \bar y (1 - \bar y)

    Exact where the probabilities of a bin are equal (Murphy 1973, doi:10.1175/1520-0450(1973)012<0595:ANVPOT>2.0.CO;2).
    """
    return [
        Summed("brier_reliability", columns, reliability_part, "error", part=part),
        Summed("brier_resolution", columns, resolution_part, "free", part=part),
    ]


def reliability_part(sums: Array) -> Array:
    """Mean squared gap between probability and frequency of the bins, from their summed counts."""
    count, probability, true = _split(sums)
    return _mean_square(count, probability - true)


def resolution_part(sums: Array) -> Array:
    """Variance of the bins' frequencies around that of all, from their summed counts."""
    count, _, true = _split(sums)
    share = true.sum(axis=-1, keepdims=True) / count.sum(axis=-1, keepdims=True)
    return _mean_square(count, true - share * count)


def calibration(columns: Array, name: str, part: str = "") -> Summed:
    """Expected calibration error of a probability, :func:`binned`."""
    return Summed(name, columns, calibration_error, "error", part=part)


def certainty(probabilities: Array, truth: NDArray[np.bool_]) -> list[Summed]:
    """Mean confidence, what of it is not borne out, and mean entropy, of classes that exclude each other.

    Certainty inflation is mean confidence minus accuracy: its difference from the teacher's says how much of the
    teacher's doubt distillation lost.
    """
    sure, right = probabilities.max(axis=1), truth[np.arange(len(truth)), probabilities.argmax(axis=1)]
    doubt = -(probabilities * np.log(np.maximum(probabilities, _LEAST))).sum(axis=1)
    columns = {"confidence": sure, "certainty_inflation": sure - right, "entropy": doubt}
    return [mean(name, values) for name, values in columns.items()]


def mean(name: str, values: Array, part: str = "") -> Summed:
    """The mean of one value per item."""
    return Summed(name, np.stack([values, np.ones_like(values)], axis=1), kind="free", part=part)


def _split(sums: Array) -> tuple[Array, Array, Array]:
    bins = sums.reshape(*sums.shape[:-1], -1, 3)
    return bins[..., 0], bins[..., 1], bins[..., 2]


def _mean_square(count: Array, gap: Array) -> Array:
    squared = np.divide(gap**2, count, out=np.zeros_like(gap), where=count > 0)
    return np.asarray(squared.sum(axis=-1) / count.sum(axis=-1))
