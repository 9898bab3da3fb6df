"""A change plan that validation patients have spoken for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stillroom.export.onnx.personal.plan import ChangePlan
from stillroom.train.bedside.personal.patients import Later, adapt_all
from stillroom.train.bedside.personal.settings import PersonaliseSettings
from stillroom.types.cases import Case

Array = NDArray[np.float64]


def choose_plan(
    settings: PersonaliseSettings, cases: Sequence[Case], risks: Array, features: Array
) -> ChangePlan | None:
    """Choose how far patients lie from the population, by the log loss of validation patients' later hours.

    Args:
        settings: what may change, and the deviations to try.
        cases: of the validation split.
        risks: of the locked model, ``(cases,)``.
        features: pooled features, ``(cases, width)``.

    Returns:
        The plan, or None where no deviation lowers the risk behind the guard: then the bundle stays locked.

    Raises:
        TrainError: cases without hours.
    """
    plans = [_plan(settings, features, deviation, {}) for deviation in settings.deviations]
    tried = [
        (_risks_of(adapt_all(cases, risks, features, plan, settings.first_hours)), plan) for plan in plans
    ]
    (before, after), best = min(tried, key=lambda each: each[0][1])
    if after >= before:
        return None
    shown = {"locked_log_loss": before, "personal_log_loss": after}
    return _plan(settings, features, best.deviation, shown)


def _plan(
    settings: PersonaliseSettings, features: Array, deviation: float, shown: dict[str, float]
) -> ChangePlan:
    wide = settings.changes == "last_layer"
    spread = features.std(axis=0)
    return ChangePlan(
        changes=settings.changes,
        least_labels=settings.least_labels,
        most_shift=settings.most_shift,
        deviation=deviation,
        feature_means=tuple(features.mean(axis=0).tolist()) if wide else (),
        feature_deviations=tuple(np.where(spread > 0, spread, 1.0).tolist()) if wide else (),
        shown=shown,
    )


def _risks_of(later: Later) -> tuple[float, float]:
    """Log loss of the locked and of the adapted answers."""

    def loss(risks: Array) -> float:
        return float(-np.log(np.where(later.truth, risks, 1 - risks)).mean())

    return loss(later.risks["locked"]), loss(later.risks["personal"])
