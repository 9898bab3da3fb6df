"""From logits to calibrated answers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from stillroom.types.cases import UNKNOWN, Head
from stillroom.validate.calibration.scaling import Temperature, fit_calibrator

Logits = NDArray[Any]

_MOST_POSITIONS = 200_000
"""Positions that a temperature is fitted to, evenly spaced where there are more, such as the pixels of many images."""


def temperatures_of(logits: Logits, truth: NDArray[Any], head: Head) -> list[float]:
    """Fit what logits are divided by, on validation data: one number, of labels one each; of values it is 1.

    Args:
        logits: shape ``(cases, *positions, outputs)``.
        truth: as a case's target, for each.
        head: what is asked.
    """
    if head.kind == "values":
        return [1.0]
    known = np.flatnonzero(_known(truth, head))
    known = known[:: max(1, len(known) // _MOST_POSITIONS)]
    found = fit_calibrator(
        "temperature",
        probabilities(logits.reshape(-1, logits.shape[-1])[known], head),
        marks(truth, head)[known],
        labels=head.kind == "labels",
    )
    assert isinstance(found, Temperature)
    return list(found.temperatures)


def probabilities(logits: Logits, head: Head) -> NDArray[np.float64]:
    """Probabilities of classes or labels; values stay as they are."""
    wide = logits.astype(np.float64)
    if head.kind == "values":
        return np.asarray(wide)
    if head.kind == "labels":
        return np.asarray(np.exp(-np.logaddexp(0, -wide)))
    wide -= wide.max(-1, keepdims=True)
    return np.asarray(np.exp(wide) / np.exp(wide).sum(-1, keepdims=True))


def marks(truth: NDArray[Any], head: Head) -> NDArray[np.bool_]:
    """Which classes or labels are true, one row for each position; of unknown ones any."""
    if head.kind == "classes":
        return np.asarray(np.eye(len(head.names), dtype=bool)[np.maximum(truth.reshape(-1), 0)])
    return np.asarray(truth.reshape(-1, len(head.names)) == 1)


def _known(truth: NDArray[Any], head: Head) -> NDArray[np.bool_]:
    if head.kind == "classes":
        return np.asarray(truth.reshape(-1) != UNKNOWN)
    return np.asarray(np.isfinite(truth.reshape(-1, len(head.names))).all(-1))
