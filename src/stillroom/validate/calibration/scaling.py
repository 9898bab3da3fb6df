"""Recalibration after training: fitted on validation data, kept as plain numbers, shipped with the weights.

What is fitted here is applied by :mod:`stillroom.types.calibrators`, which needs neither this room nor SciPy.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from stillroom.types import DataError, MissingExtraError
from stillroom.types.calibrators import CALIBRATOR as CALIBRATOR
from stillroom.types.calibrators import LEAST, Isotonic, Platt, Temperature, log_sum, logistic, logit
from stillroom.validate.statistics.level import Array

_TEMPERATURES = (0.02, 50.0)

Marks = NDArray[np.bool_]


def fit_calibrator(
    kind: Literal["temperature", "platt", "isotonic"],
    probabilities: Array,
    truth: Marks,
    *,
    labels: bool = False,
) -> Temperature | Platt | Isotonic:
    """Fit a calibrator on validation data.

    Args:
        kind: temperature has one parameter, Platt two a column, isotonic as many as the data bear.
        probabilities: shape ``(items, columns)``.
        truth: which classes or labels are true, same shape.
        labels: each column is a label of its own.

    Raises:
        DataError: a column is true of no item, or of all.
        MissingExtraError: SciPy is not installed.

    >>> sure = np.array([[0.9, 0.1]] * 10)
    >>> truth = np.array([[True, False]] * 7 + [[False, True]] * 3)
    >>> fit_calibrator("temperature", sure, truth).apply(sure)[0].round(3)
    array([0.7, 0.3])
    """
    without = np.flatnonzero(~truth.any(axis=0) | truth.all(axis=0))
    if len(without):
        raise DataError(
            f"column {without[0]} is true of no validation item, or of all",
            "items with and without it",
            "calibrate on more validation data, or leave the class out",
        )
    columns = list(zip(probabilities.T, truth.T, strict=True))
    if kind == "temperature":
        fits = columns if labels else [(probabilities, truth)]
        return Temperature(labels=labels, temperatures=tuple(_temperature(p, y, labels) for p, y in fits))
    if kind == "platt":
        slopes, intercepts = zip(*(_platt(p, y) for p, y in columns), strict=True)
        return Platt(labels=labels, slopes=slopes, intercepts=intercepts)
    knots, levels = zip(*(_isotonic(p, y) for p, y in columns), strict=True)
    return Isotonic(labels=labels, knots=knots, levels=levels)


def _temperature(probabilities: Array, truth: Marks, labels: bool) -> float:
    """The temperature of least log loss; the loss is convex in its inverse."""

    def loss(log_temperature: float) -> float:
        power = np.exp(-log_temperature)
        if labels:
            scaled = logit(probabilities) * power
            return float(np.logaddexp(0, np.where(truth, -scaled, scaled)).mean())
        scaled = np.log(np.maximum(probabilities, LEAST)) * power
        return float((log_sum(scaled) - scaled[truth]).mean())

    bounds = tuple(np.log(_TEMPERATURES))
    return float(
        np.exp(_optimize().minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-10}).x)
    )


def _platt(probabilities: Array, truth: Marks) -> tuple[float, float]:
    x, up = logit(probabilities), int(truth.sum())
    target = np.where(truth, (up + 1) / (up + 2), 1 / (len(truth) - up + 2))

    def loss(line: Array) -> tuple[float, Array]:
        scaled = line[0] * x + line[1]
        wrong = logistic(scaled) - target
        return float((np.logaddexp(0, scaled) - target * scaled).mean()), np.array(
            [(wrong * x).mean(), wrong.mean()]
        )

    found = _optimize().minimize(loss, np.array([1.0, 0.0]), jac=True, method="BFGS", options={"gtol": 1e-9})
    return float(found.x[0]), float(found.x[1])


def _isotonic(probabilities: Array, truth: Marks) -> tuple[tuple[float, ...], tuple[float, ...]]:
    knots, index, counts = np.unique(probabilities, return_inverse=True, return_counts=True)
    shares = np.bincount(index, weights=truth) / counts
    levels = np.asarray(_optimize().isotonic_regression(shares, weights=counts).x)
    ends = np.r_[True, levels[1:] != levels[:-1]] | np.r_[levels[1:] != levels[:-1], True]
    least = 1 / (len(truth) + 2)
    held = np.clip(levels[ends], least, 1 - least)
    return tuple(knots[ends].tolist()), tuple(held.tolist())


def _optimize() -> Any:
    try:
        from scipy import optimize
    except ImportError as error:
        raise MissingExtraError.of("scipy", "evaluate") from error
    return optimize
