"""Recalibration after training: fitted on validation data, kept as plain numbers, shipped beside the weights.

Every calibrator takes and returns probabilities, so that it fits models of any runtime: ``(items, classes)`` of classes
that exclude each other, or ``(items, labels)``, where each label is on its own.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, TypeAdapter

from stillroom.types import DataError, MissingExtraError, Settings
from stillroom.validate.statistics.level import Array

_LEAST = 1e-12
_TEMPERATURES = (0.02, 50.0)

Marks = NDArray[np.bool_]


class Temperature(Settings):
    """p^(1/τ), made to add up to 1 (of labels, with 1 − p): the ranking of classes stays as it is.

    Source: Guo et al. 2017, arXiv:1706.04599.
    """

    kind: Literal["temperature"] = "temperature"
    labels: bool = Field(description="each column is a label of its own")
    temperatures: tuple[float, ...] = Field(description="one, or one for each label")

    def apply(self, probabilities: Array) -> Array:
        """Recalibrate, shape ``(items, columns)`` in and out."""
        powers = 1 / np.array(self.temperatures)
        if self.labels:
            return _logistic(_logit(probabilities) * powers)
        scaled = np.log(np.maximum(probabilities, _LEAST)) * powers
        return _softmax(scaled)


class Platt(Settings):
    """σ(a·logit(p) + b) of each column, made to add up to 1 where classes exclude each other.

    Fitted to (n₊ + 1)/(n₊ + 2) and 1/(n₋ + 2) instead of 1 and 0, so that no case is certain.

    Source: Platt 1999, *Advances in Large Margin Classifiers*, 61–74.
    """

    kind: Literal["platt"] = "platt"
    labels: bool = Field(description="each column is a label of its own")
    slopes: tuple[float, ...] = Field(description="a of each column")
    intercepts: tuple[float, ...] = Field(description="b of each column")

    def apply(self, probabilities: Array) -> Array:
        """Recalibrate, shape ``(items, columns)`` in and out."""
        scaled = _logit(probabilities) * np.array(self.slopes) + np.array(self.intercepts)
        return _shared(_logistic(scaled), self.labels)


class Isotonic(Settings):
    """The best rising step function of each column, straight between its steps; never nearer to 0 or 1 than 1/(n + 2).

    Source: Zadrozny & Elkan 2002, doi:10.1145/775047.775151.
    """

    kind: Literal["isotonic"] = "isotonic"
    labels: bool = Field(description="each column is a label of its own")
    knots: tuple[tuple[float, ...], ...] = Field(
        description="probabilities at which each column's steps begin or end"
    )
    levels: tuple[tuple[float, ...], ...] = Field(description="what they become")

    def apply(self, probabilities: Array) -> Array:
        """Recalibrate, shape ``(items, columns)`` in and out."""
        columns = [
            np.interp(column, knots, levels)
            for column, knots, levels in zip(probabilities.T, self.knots, self.levels, strict=True)
        ]
        return _shared(np.stack(columns, axis=1), self.labels)


Calibrator = Annotated[Temperature | Platt | Isotonic, Field(discriminator="kind")]

CALIBRATOR: TypeAdapter[Temperature | Platt | Isotonic] = TypeAdapter(Calibrator)
"""Reads any calibrator: ``CALIBRATOR.validate_json(text)``; one writes itself by ``model_dump_json()``."""


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
            scaled = _logit(probabilities) * power
            return float(np.logaddexp(0, np.where(truth, -scaled, scaled)).mean())
        scaled = np.log(np.maximum(probabilities, _LEAST)) * power
        return float((_log_sum(scaled) - scaled[truth]).mean())

    bounds = tuple(np.log(_TEMPERATURES))
    return float(
        np.exp(_optimize().minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-10}).x)
    )


def _platt(probabilities: Array, truth: Marks) -> tuple[float, float]:
    x, up = _logit(probabilities), int(truth.sum())
    target = np.where(truth, (up + 1) / (up + 2), 1 / (len(truth) - up + 2))

    def loss(line: Array) -> tuple[float, Array]:
        scaled = line[0] * x + line[1]
        wrong = _logistic(scaled) - target
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


def _shared(columns: Array, labels: bool) -> Array:
    return columns if labels else np.asarray(columns / columns.sum(axis=1, keepdims=True))


def _softmax(scaled: Array) -> Array:
    return np.asarray(np.exp(scaled - _log_sum(scaled)[:, None]))


def _log_sum(scaled: Array) -> Array:
    return np.asarray(np.logaddexp.reduce(scaled, axis=1))


def _logit(probabilities: Array) -> Array:
    held = np.clip(probabilities, _LEAST, 1 - _LEAST)
    return np.asarray(np.log(held) - np.log1p(-held))


def _logistic(x: Array) -> Array:
    return np.asarray(np.exp(-np.logaddexp(0, -x)))


def _optimize() -> Any:
    try:
        from scipy import optimize
    except ImportError as error:
        raise MissingExtraError.of("scipy", "evaluate") from error
    return optimize
