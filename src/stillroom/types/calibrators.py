"""What a model's probabilities become after training, as plain numbers that go with its weights.

Every calibrator takes and returns probabilities, so that it fits models of any runtime: ``(items, classes)`` of classes
that exclude each other, or ``(items, labels)``, where each label is on its own.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, TypeAdapter

from stillroom.types.settings import Settings

LEAST = 1e-12
"""Probabilities nearer than this to 0 or 1 are taken to be this far from it."""

Array = NDArray[np.float64]


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
            return logistic(logit(probabilities) * powers)
        scaled = np.log(np.maximum(probabilities, LEAST)) * powers
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
        scaled = logit(probabilities) * np.array(self.slopes) + np.array(self.intercepts)
        return _shared(logistic(scaled), self.labels)


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


AnyCalibrator = Temperature | Platt | Isotonic
Calibrator = Annotated[AnyCalibrator, Field(discriminator="kind")]

CALIBRATOR: TypeAdapter[AnyCalibrator] = TypeAdapter(Calibrator)
"""Reads any calibrator: ``CALIBRATOR.validate_json(text)``; one writes itself by ``model_dump_json()``."""


def calibrated(answers: NDArray[Any], calibrator: AnyCalibrator | None) -> NDArray[Any]:
    """Recalibrate answers of any number of positions, ``(…, columns)``; without a calibrator they stay as they are."""
    if calibrator is None:
        return answers
    rows = answers.reshape(-1, answers.shape[-1]).astype(np.float64)
    return np.asarray(calibrator.apply(rows).reshape(answers.shape).astype(answers.dtype))


def _shared(columns: Array, labels: bool) -> Array:
    return columns if labels else np.asarray(columns / columns.sum(axis=1, keepdims=True))


def _softmax(scaled: Array) -> Array:
    return np.asarray(np.exp(scaled - log_sum(scaled)[:, None]))


def log_sum(scaled: Array) -> Array:
    """Logarithm of the sum of exponentials of each row."""
    return np.asarray(np.logaddexp.reduce(scaled, axis=1))


def logit(probabilities: Array) -> Array:
    """log(p / (1 − p)), of probabilities held away from 0 and 1."""
    held = np.clip(probabilities, LEAST, 1 - LEAST)
    return np.asarray(np.log(held) - np.log1p(-held))


def logistic(x: Array) -> Array:
    """1 / (1 + exp(−x)), without overflow."""
    return np.asarray(np.exp(-np.logaddexp(0, -x)))
