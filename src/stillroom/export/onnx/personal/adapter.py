"""The one part that is a patient's own: a bounded shift of the logit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stillroom.export.onnx.personal.plan import ChangePlan

Array = NDArray[np.float64]
_EDGE = 1e-7


@dataclass(frozen=True, slots=True)
class Adapter:
    """How far a patient lies from the population.

    Attributes:
        bias: in nats; 0 is the population.
        weights: of each standardised feature; empty where the bias alone may change.
    """

    bias: float = 0.0
    weights: tuple[float, ...] = ()


POPULATION = Adapter()
"""The locked model."""


def logits_of(risks: Array) -> Array:
    """Log-odds of probabilities, held within 16 nats."""
    held = np.clip(risks.astype(np.float64), _EDGE, 1 - _EDGE)
    return np.asarray(np.log(held) - np.log1p(-held))


def standardised(features: Array, plan: ChangePlan) -> Array:
    """Features as the plan's change reads them, ``(items, features)``; none where the bias alone may change."""
    if plan.changes == "bias":
        return np.zeros((len(features), 0))
    return np.asarray((features - plan.feature_means) / plan.feature_deviations)


def adapted(logits: Array, features: Array, adapter: Adapter, most_shift: float) -> Array:
    r"""Risks of a patient.

    .. math:: \sigma(z + \max(-m, \min(m, b + w \cdot f)))

    Args:
        logits: z of the locked model, ``(items,)``.
        features: f, standardised, ``(items, features)``.
        adapter: b and w.
        most_shift: m, in nats.

    >>> adapted(np.zeros(1), np.zeros((1, 0)), Adapter(bias=9.0), most_shift=np.log(3)).round(6).tolist()
    [0.75]
    """
    shift = adapter.bias + (features @ np.array(adapter.weights) if adapter.weights else 0.0)
    moved = logits + np.clip(shift, -most_shift, most_shift)
    return np.asarray(1 / (1 + np.exp(-moved)))
