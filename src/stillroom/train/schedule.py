"""Learning rate over a training: linear warm-up, then cosine, linear or no decay."""

from __future__ import annotations

import math

from stillroom.losses import Schedule, parse_schedule
from stillroom.train.objective import Scheduled, ScheduleSettings
from stillroom.train.settings import TrainSettings


def learning_rate(step: int, settings: TrainSettings) -> float:
    r"""Learning rate of a step, counted from 0.

    .. math:: \eta \cdot \min\!\left(\frac{s+1}{w},\; f + (1-f)\, g\!\left(\frac{s-w}{S-w}\right)\right)

    with :math:`S` steps of which :math:`w` are warm-up, final share :math:`f`, and :math:`g(x)` equal to
    :math:`(1+\cos \pi x)/2` (cosine), :math:`1-x` (linear) or 1 (constant).

    Source: Loshchilov & Hutter 2017 (arXiv:1608.03983), without restarts.
    """
    warmup = settings.warmup
    if step < warmup:
        return settings.learning_rate * (step + 1) / warmup
    done = (step - warmup) / max(1, settings.steps - warmup)
    final = settings.final_learning_rate_share
    return settings.learning_rate * (final + (1.0 - final) * _remaining(done, settings.schedule))


def _remaining(done: float, schedule: str) -> float:
    if schedule == "cosine":
        return 0.5 * (1.0 + math.cos(math.pi * done))
    return 1.0 - done if schedule == "linear" else 1.0


def schedule_of(value: Scheduled) -> Schedule:
    """Read what a recipe says of a value: a number, or a course over the steps.

    >>> schedule_of(0.5).at(3, 10)
    0.5
    """
    return parse_schedule(value.model_dump() if isinstance(value, ScheduleSettings) else value)
