"""Learning rate over a training: linear warm-up, then cosine decay."""

from __future__ import annotations

import math

from stillroom.train.settings import TrainSettings


def learning_rate(step: int, settings: TrainSettings) -> float:
    r"""Learning rate of a step, counted from 0.

    .. math:: \eta \cdot \min\!\left(\frac{s+1}{w},\; f + (1-f)\,\frac{1+\cos(\pi (s-w)/(S-w))}{2}\right)

    with :math:`S` steps of which :math:`w` are warm-up, and final share :math:`f`.

    Source: Loshchilov & Hutter 2017 (arXiv:1608.03983), without restarts.
    """
    warmup = round(settings.warmup_share * settings.steps)
    if step < warmup:
        return settings.learning_rate * (step + 1) / warmup
    done = (step - warmup) / max(1, settings.steps - warmup)
    final = settings.final_learning_rate_share
    return settings.learning_rate * (final + (1.0 - final) * 0.5 * (1.0 + math.cos(math.pi * done)))
