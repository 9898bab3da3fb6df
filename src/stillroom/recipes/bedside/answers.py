"""From logits to calibrated answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stillroom.export.onnx.settings import OnnxSettings
from stillroom.types.calibrators import CALIBRATOR, Temperature, calibrated, logit
from stillroom.types.cases import UNKNOWN, Head
from stillroom.validate.calibration.scaling import fit_calibrator

Logits = NDArray[Any]

_MOST_POSITIONS = 200_000
"""Positions that a temperature is fitted to, evenly spaced where there are more, such as the pixels of many images."""


def rows_of(arrays: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Answers or targets of cases, one row for each position: ``(rows, outputs)``, of class numbers ``(rows,)``.

    >>> rows_of([np.zeros((2, 3)), np.ones((1, 3))]).shape, rows_of([np.asarray(1), np.asarray(0)]).tolist()
    ((3, 3), [1, 0])
    """
    if np.issubdtype(arrays[0].dtype, np.integer):
        return np.concatenate([array.reshape(-1) for array in arrays])
    return np.concatenate([array.reshape(-1, array.shape[-1]) for array in arrays])


def like(rows: NDArray[Any], arrays: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
    """Rows as the arrays whose :func:`rows_of` they are."""
    ends = np.cumsum([array.size // array.shape[-1] for array in arrays])[:-1]
    return [part.reshape(array.shape) for part, array in zip(np.split(rows, ends), arrays, strict=True)]


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


def calibration_of(export: OnnxSettings, logits: Logits, truth: NDArray[Any], head: Head) -> dict[str, Any]:
    """Fit what a recipe asks for on validation data: the fact ``temperature``, and ``calibrator`` of other kinds."""
    if not export.calibrate or head.kind == "values":
        return {"temperature": [1.0]}
    if export.calibrator == "temperature":
        return {"temperature": temperatures_of(logits, truth, head)}
    rows, known = logits.reshape(-1, logits.shape[-1]), _known(truth, head)
    found = fit_calibrator(
        export.calibrator,
        probabilities(rows[known], head),
        marks(truth, head)[known],
        labels=head.kind == "labels",
    )
    return {"temperature": [1.0], "calibrator": found.model_dump(mode="json")}


def calibrated_logits(logits: Logits, facts: Mapping[str, Any], head: Head) -> Logits:
    """Logits of the calibrated probabilities, by the facts of :func:`calibration_of`."""
    tempered = logits / np.array(facts["temperature"])
    if "calibrator" not in facts:
        return np.asarray(tempered)
    told = calibrated(probabilities(tempered, head), CALIBRATOR.validate_python(facts["calibrator"]))
    return np.asarray(np.log(told)) if head.kind == "classes" else logit(told)


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
