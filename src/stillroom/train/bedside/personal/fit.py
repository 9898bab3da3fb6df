"""The shift that a patient's own labels ask for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stillroom.export.onnx.personal.adapter import Adapter

Array = NDArray[np.float64]
_STEPS = 50
_CLOSE = 1e-10


def fit_adapter(logits: Array, features: Array, labels: Array, deviation: float) -> Adapter:
    r"""Fit bias and weights by their posterior mode; with no label they are 0.

    .. math:: \min_{b, w} \sum_i \mathrm{CE}\bigl(y_i, \sigma(z_i + b + w \cdot f_i)\bigr)
              + \frac{b^2 + k \lVert w \rVert^2}{2 s^2}

    The prior says how far patients lie from the population: the bias, and the part of k features of deviation 1, have
    deviation s each. The loss is strictly convex; damped Newton steps end at its only minimum.

    Args:
        logits: z of the locked model, ``(items,)``.
        features: f, standardised, ``(items, k)``; k may be 0.
        labels: 0 or 1, ``(items,)``.
        deviation: s, in nats.

    Source: Platt 1999 for the shift of a logit; the Gaussian prior is that of a random intercept (Gelman & Hill 2007,
    chapter 14).

    >>> round(fit_adapter(np.zeros(3), np.zeros((3, 0)), np.ones(3), deviation=1.0).bias, 3)
    0.88
    """
    many = features.shape[1]
    design = np.concatenate([np.ones((len(logits), 1)), features], axis=1)
    precision = np.array([1.0, *[float(many)] * many]) / deviation**2
    found = np.zeros(1 + many)
    for _ in range(_STEPS):
        risk = 1 / (1 + np.exp(-(logits + design @ found)))
        slope = design.T @ (risk - labels) + precision * found
        bend = (design * (risk * (1 - risk))[:, None]).T @ design + np.diag(precision)
        step = np.linalg.solve(bend, slope)
        found = found - step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < _CLOSE:
            break
    return Adapter(float(found[0]), tuple(found[1:].tolist()))
