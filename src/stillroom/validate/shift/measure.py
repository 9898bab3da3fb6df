"""Inside and outside of the domain: detection, what is lost, and abstention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stillroom.types import Subject
from stillroom.validate.axes import SHIFTED
from stillroom.validate.classification.cases import cases
from stillroom.validate.classification.measures import measures_of_whole
from stillroom.validate.classification.settings import ClassificationSettings
from stillroom.validate.comparison import Found
from stillroom.validate.shift.detect import detection, energy, unsureness
from stillroom.validate.statistics.bootstrap import Estimate
from stillroom.validate.statistics.level import Array
from stillroom.validate.statistics.measures import Draw, Summed, estimates


@dataclass(frozen=True)
class Answered:
    """What subjects said of some cases.

    Attributes:
        probabilities: of each subject, ``(cases, classes)``.
        logits: of those that answer with logits, which have an energy.
        groups: patient of each case.
        truth: class of each case; None where the cases have other classes, so that nothing can be right.
    """

    probabilities: Mapping[Subject, Array]
    logits: Mapping[Subject, Array]
    groups: Sequence[str]
    truth: NDArray[Any] | None


def measure_shift(
    inside: Answered, outside: Answered, settings: ClassificationSettings, deferred: float
) -> Found:
    """Compare cases inside and outside of the domain.

    Args:
        inside: cases like those that were learned from, but not learned from.
        outside: cases of another site, device or kind.
        settings: names of the classes, and how much is measured.
        deferred: share of the cases inside that the threshold of abstention leaves to people.

    Returns:
        ``ood_auroc``, ``ood_fpr95`` by score; where the truth is known ``inside_X``, ``outside_X``, ``shift_gap_X``
        (how much worse outside), ``extra_shift_gap_X`` (minus the teacher's), ``shift_gap_X_minus_control``; and what a
        threshold set inside leaves to people outside, and with what risk. Cases inside and outside are drawn apart.
    """
    found: Found = {}
    both = Draw.of([*inside.groups, *outside.groups], settings.bootstrap_repeats, settings.seed, "shift")
    for subject in inside.probabilities:
        for part, strange in _strange(inside, outside, subject).items():
            for name, _, estimate in estimates(detection(strange, part), both):
                found[name, part, subject] = estimate
    if inside.truth is not None and outside.truth is not None:
        found |= _gaps(
            *(_figures(of, settings, name) for name, of in (("inside", inside), ("outside", outside)))
        )
    return found | _abstained(inside, outside, settings, deferred)


def _strange(inside: Answered, outside: Answered, subject: Subject) -> dict[str, tuple[Array, Array]]:
    both = inside, outside
    found = {"max_softmax": tuple(unsureness(of.probabilities[subject]) for of in both)}
    if subject in inside.logits:
        found["energy"] = tuple(energy(of.logits[subject]) for of in both)
    return found  # type: ignore[return-value]


def _figures(of: Answered, settings: ClassificationSettings, stream: str) -> Found:
    given = cases(of.probabilities, of.truth, settings)
    draw = Draw.of(of.groups, settings.bootstrap_repeats, settings.seed, f"shift {stream}")
    found: Found = {}
    for subject in of.probabilities:
        measures = measures_of_whole(given, subject, settings, None)
        asked = (measure for measure in measures if measure.name in SHIFTED)
        found |= {
            (name, "", subject): estimate
            for name, _, estimate in estimates(asked, draw)
            if np.isfinite(estimate.value)
        }
    return found


def _gaps(inside: Found, outside: Found) -> Found:
    found: Found = {}
    gaps: dict[tuple[str, Subject], Estimate] = {}
    for (name, _, subject), here in inside.items():
        if (name, "", subject) not in outside:
            continue
        there = outside[name, "", subject]
        found[f"inside_{name}", "", subject] = here
        found[f"outside_{name}", "", subject] = there
        gaps[name, subject] = here - there if SHIFTED[name][1] else there - here
    for (name, subject), gap in gaps.items():
        found[f"shift_gap_{name}", "", subject] = gap
        if subject != "teacher" and (name, "teacher") in gaps:
            found[f"extra_shift_gap_{name}", "", subject] = gap - gaps[name, "teacher"]
        if subject == "student" and (name, "control") in gaps:
            found[f"shift_gap_{name}_minus_control", "", subject] = gap - gaps[name, "control"]
    return found


def _abstained(
    inside: Answered, outside: Answered, settings: ClassificationSettings, deferred: float
) -> Found:
    """What a threshold that leaves a share of the cases inside to people does outside."""
    draw = Draw.of(outside.groups, settings.bootstrap_repeats, settings.seed, "shift outside")
    found: Found = {}
    for subject, said in outside.probabilities.items():
        limit = np.quantile(unsureness(inside.probabilities[subject]), 1 - deferred)
        left = (unsureness(said) > limit).astype(np.float64)
        found["shift_deferral_rate", "", subject] = _rate(left, np.ones_like(left)).estimate(draw)
        if outside.truth is None:
            continue
        wrong = (said.argmax(axis=1) != outside.truth).astype(np.float64)
        every = _rate(wrong, np.ones_like(wrong)).estimate(draw)
        if (left < 1).any():
            decided = _rate(wrong * (1 - left), 1 - left).estimate(draw)
            found["shift_selective_risk", "", subject] = decided
            found["shift_abstention_gain", "", subject] = every - decided
    return found


def _rate(events: Array, trials: Array) -> Summed:
    return Summed("rate", np.stack([events, trials], axis=1))
