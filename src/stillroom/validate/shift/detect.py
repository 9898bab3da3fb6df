"""How strange a case is to a classifier, and how well that tells other data apart."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from stillroom.validate.classification.ranking import Ranked
from stillroom.validate.statistics.level import Array
from stillroom.validate.statistics.measures import Draw, Measure, Weighed
from stillroom.validate.statistics.newcombe import auroc_interval

_KEPT = 0.95


def energy(logits: Array, temperature: float = 1.0) -> Array:
    r"""Free energy of logits, the higher the stranger: :math:`-\tau \log \sum_k \exp(z_k / \tau)`.

    Of log-probabilities it is 0: an answer that was normalised has lost it.

    Args:
        logits: shape ``(cases, classes)``.
        temperature: τ > 0.

    Source: Liu et al. 2020, arXiv:2010.03759.

    >>> energy(np.log([[0.25, 0.75]])).round(6) + 0.0
    array([0.])
    """
    wide = np.asarray(logits, dtype=np.float64) / temperature
    return np.asarray(-temperature * np.logaddexp.reduce(wide, axis=1))


def unsureness(probabilities: Array) -> Array:
    """One minus the largest probability, the higher the stranger.

    Source: Hendrycks & Gimpel 2017, arXiv:1610.02136.

    >>> unsureness(np.array([[0.25, 0.75]]))
    array([0.25])
    """
    return np.asarray(1 - np.asarray(probabilities, dtype=np.float64).max(axis=1))


def detection(strange: tuple[Array, Array], part: str) -> Sequence[Measure]:
    """Figures of telling cases outside of the domain from those inside, by how strange they are.

    ``ood_auroc``: the chance that a case outside is stranger than one inside. ``ood_fpr95``: share of the cases outside
    that pass where the threshold lets at least 95 % of those inside pass.

    Args:
        strange: of the cases inside, and of those outside.
        part: name of the score.
    """
    inside = np.arange(sum(map(len, strange))) < len(strange[0])
    ranked = Ranked(-np.concatenate(strange), inside)
    rarest = inside if inside.mean() <= 0.5 else ~inside
    area = Weighed("ood_auroc", ranked.auroc, rarest, part, partial(_interval, inside))
    return area, Weighed("ood_fpr95", partial(ranked.false_alarms_at, _KEPT), ~inside, part)


def _interval(inside: NDArray[np.bool_], area: float, draw: Draw) -> tuple[float, float]:
    return auroc_interval(area, draw.holding(inside), draw.holding(~inside))
