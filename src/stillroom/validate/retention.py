"""How much of the teacher is kept, in full: ratios, chance-corrected ratios, shares of the gap closed.

One ratio alone flatters: a student that learned nothing may already keep half of the teacher's score.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from stillroom.types import Subject
from stillroom.validate.metrics import GAPS, KEPT, RETAINED
from stillroom.validate.statistics.bootstrap import Estimate
from stillroom.validate.tables import Key, is_specialty

_CHOICE = "choice_accuracy"


def ratio(numerator: Estimate, denominator: Estimate) -> Estimate | None:
    """Paired ratio, or None where a resample of the denominator reaches zero and the ratio has no bounds.

    >>> half, none = Estimate(0.5, np.full(9, 0.5), 9), Estimate(0.0, np.linspace(-1, 1, 9), 9)
    >>> ratio(half, half).value, ratio(half, none)
    (1.0, None)
    """
    bounded = bool((denominator.draws * denominator.value > 0).all())
    return numerator / denominator if bounded else None


def gap_closed(subject: Estimate, start: Estimate, goal: Estimate) -> Estimate | None:
    """Share of the way from start to goal: (subject − start) / (goal − start).

    It does not matter whether more or less is better. None where start and goal cannot be told apart.
    """
    return ratio(subject - start, goal - start)


def retention(found: Mapping[Key, Estimate]) -> dict[Key, Estimate]:
    """Compute every retention figure that the measured subjects allow.

    Args:
        found: estimates of measured metrics, from the same resamples.

    Returns:
        ``retention_*`` (subject / teacher), ``kept_*`` (bundle / student), ``gap_closed_*`` (from the untrained student
        to the teacher) and ``control_gap_closed_*`` (from the control to the teacher), overall, by kind and by
        specialty. Figures without bounds are left out: a specialty in which the teacher may be no better than the
        start has no gap to close.
    """
    figures: dict[Key, Estimate | None] = {}
    for (name, part, subject), ours in found.items():
        if subject == "teacher":
            continue
        for figure, estimate in _against(found, name, part, subject, ours):
            figures[figure, part, subject] = estimate
        if (name, part) == (_CHOICE, ""):
            for figure, estimate in _over_kinds(found, subject, ours.units):
                figures[figure, part, subject] = estimate
    return {key: estimate for key, estimate in figures.items() if estimate is not None}


def _against(
    found: Mapping[Key, Estimate], name: str, part: str, subject: Subject, ours: Estimate
) -> Iterator[tuple[str, Estimate | None]]:
    teacher = found.get((name, part, "teacher"))
    untrained, control = found.get((name, part, "student_untrained")), found.get((name, part, "control"))
    if teacher and name in RETAINED:
        yield f"retention_{name}", ratio(ours, teacher)
    if name in KEPT and subject == "bundle" and (student := found.get((name, part, "student"))):
        yield f"kept_{name}", ratio(ours, student)
    if teacher and untrained and name in GAPS and subject != "student_untrained":
        yield f"gap_closed_{name}", gap_closed(ours, untrained, teacher)
    if teacher and control and name == "log_perplexity" and subject in {"student", "bundle"}:
        yield f"control_gap_closed_{name}", gap_closed(ours, control, teacher)


def _over_kinds(
    found: Mapping[Key, Estimate], subject: Subject, units: int
) -> Iterator[tuple[str, Estimate | None]]:
    kinds = [part for name, part, who in found if (name, who) == (_CHOICE, "teacher") and part]
    pairs = [
        (found[_CHOICE, kind, subject], found[_CHOICE, kind, "teacher"])
        for kind in kinds
        if not is_specialty(kind)
    ]
    if pairs:
        ratios = [kept for ours, teacher in pairs if (kept := ratio(ours, teacher))]
        if len(ratios) == len(pairs):
            yield "retention_choice_mean_of_ratios", _mean(ratios, units)
        means = [_mean(estimates, units) for estimates in zip(*pairs, strict=True)]
        yield "retention_choice_ratio_of_means", ratio(*means)


def _mean(estimates: Sequence[Estimate], units: int) -> Estimate:
    """Mean over kinds, each of which is resampled on its own."""
    draws = np.mean([estimate.draws for estimate in estimates], axis=0)
    return Estimate(float(np.mean([estimate.value for estimate in estimates])), draws, units)
