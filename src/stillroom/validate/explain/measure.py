"""Explanations of every subject on the same cases: how faithful, and how much like the teacher's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stillroom.types import Curve, Subject
from stillroom.validate.comparison import Found
from stillroom.validate.explain.agreement import attention_likeness, rank_correlation, top_overlap
from stillroom.validate.explain.curves import Walk, random_walks, walk
from stillroom.validate.explain.explainer import Array, Attributed, Explainer, Outputs
from stillroom.validate.explain.fidelity import fidelity
from stillroom.validate.explain.settings import ExplainSettings
from stillroom.validate.statistics.measures import Draw, Summed, estimates
from stillroom.validate.trial import Facts

AGREEMENT = (
    "attribution_rank_agreement",
    "attribution_top_agreement",
    "attention_agreement",
    "fidelity",
    "fidelity_kl",
)
"""Figures that say how much a subject is like its teacher."""


@dataclass(frozen=True)
class Explained:
    """What is explained of some cases.

    Attributes:
        explainers: of each subject, by the part that their figures are told as; ``""`` is the main method.
        outputs: the output of each case that is explained: what the teacher holds likeliest.
        parts: part of the split that each case belongs to, such as ``class:ill``; agreement is told of each.
        groups: patient of each case.
    """

    explainers: Mapping[Subject, Mapping[str, Explainer]]
    outputs: Outputs
    parts: Sequence[str]
    groups: Sequence[str]


def measure_explanations(
    explained: Explained, settings: ExplainSettings, repeats: int, seed: int
) -> tuple[Found, Facts, tuple[Curve, ...]]:
    """Measure how faithful attributions are, and how much control and student attribute as the teacher does.

    Args:
        explained: who and what.
        settings: how finely.
        repeats: number of resamples.
        seed: of the resamples and of the orders by chance.

    Returns:
        Estimates, facts on how far integrated gradients are from complete and how many cases there are, and the mean
        curves of insertion and deletion.
    """
    draw = Draw.of(explained.groups, repeats, seed, "explain")
    attributed = {
        (subject, part): explainer.attributed(explained.outputs)
        for subject, of in explained.explainers.items()
        for part, explainer in of.items()
    }
    found: Found = {}
    facts: Facts = {"explained_items": len(explained.outputs)}
    curves: list[Curve] = []
    for (subject, part), of in attributed.items():
        explainer = explained.explainers[subject][part]
        measures, walked = _faithful(explainer, of, explained, settings, seed)
        found |= _estimated(
            [*measures, *_agreeing(explained, attributed, subject, part, settings)], part, subject, draw
        )
        if not part:
            curves += _curves(subject, walked)
            facts |= _completeness(subject, of)
    return _against_control(found), facts, tuple(curves)


def measure_fidelity(
    said: Mapping[Subject, NDArray[Any]],
    groups: Sequence[str],
    classes: Sequence[str],
    repeats: int,
    seed: int,
) -> Found:
    """Measure how closely control and student follow the teacher's answers, class by class.

    Args:
        said: probabilities of every subject, ``(cases, classes)``.
        groups: patient of each case.
        classes: names.
        repeats: number of resamples.
        seed: of the resamples.
    """
    draw = Draw.of(groups, repeats, seed, "fidelity")
    found: Found = {}
    for subject in said:
        if subject != "teacher":
            found |= _estimated(fidelity(said, subject, classes), "", subject, draw)
    return _against_control(found)


def _faithful(
    explainer: Explainer, of: Attributed, explained: Explained, settings: ExplainSettings, seed: int
) -> tuple[list[Summed], Walk]:
    def scores(kept: NDArray[np.bool_]) -> Array:
        return explainer.scores(explained.outputs, kept)

    walked = walk(scores, of.values, explainer.present, settings.points)
    inserted, deleted = random_walks(scores, explainer.present, settings.points, settings.random_orders, seed)
    return [
        _mean("insertion_auc", walked.insertion),
        _mean("deletion_auc", walked.deletion),
        _mean("insertion_above_random", walked.insertion - inserted),
        _mean("deletion_below_random", deleted - walked.deletion),
    ], walked


def _agreeing(
    explained: Explained,
    attributed: Mapping[tuple[Subject, str], Attributed],
    subject: Subject,
    part: str,
    settings: ExplainSettings,
) -> Iterator[Summed]:
    """Likeness to the teacher, where it explains by the same units; of the main method also by part."""
    teacher = explained.explainers.get("teacher", {}).get(part)
    mine = explained.explainers[subject][part]
    if subject == "teacher" or teacher is None or teacher.units != mine.units:
        return
    both = attributed[subject, part].values, attributed["teacher", part].values
    values = {
        "attribution_rank_agreement": rank_correlation(*both, mine.present),
        "attribution_top_agreement": top_overlap(*both, mine.present, settings.top),
    }
    if not part:
        theirs = teacher.attention()
        likeness = [
            attention_likeness(of, theirs[name])
            for name, of in mine.attention().items()
            if name in theirs and theirs[name].shape == of.shape
        ]
        values |= {"attention_agreement": np.mean(likeness, axis=0)} if likeness else {}
    for name, of_cases in values.items():
        yield _mean(name, of_cases)
        if not part and name != "attention_agreement":
            parts = np.asarray(explained.parts)
            for each in sorted(set(explained.parts)):
                yield _mean(name, np.where(parts == each, of_cases, np.nan), each)


def _mean(name: str, values: Array, part: str = "") -> Summed:
    """Mean over the cases that have a value."""
    has = np.isfinite(values)
    return Summed(name, np.stack([np.where(has, values, 0.0), has], axis=1), kind="free", part=part)


def _estimated(measures: Iterable[Summed], part: str, subject: Subject, draw: Draw) -> Found:
    """Estimates that are defined, with the number of patients that have a say."""
    found: Found = {}
    asked = list(measures)
    for measure, (name, of_class, estimate) in zip(asked, estimates(asked, draw), strict=True):
        if np.isfinite(estimate.value):
            units = draw.holding(measure.columns[:, 1] > 0)
            key = name, ",".join(filter(None, (part, of_class))), subject
            found[key] = replace(estimate, units=units)
    return found


def _against_control(found: Found) -> Found:
    """Add what the student has over its control."""
    return found | {
        (f"{name}_minus_control", part, subject): estimate - found[name, part, "control"]
        for (name, part, subject), estimate in found.items()
        if subject == "student" and name in AGREEMENT and (name, part, "control") in found
    }


def _completeness(subject: Subject, of: Attributed) -> Facts:
    if of.change is None:
        return {}
    error = np.abs(of.values.sum(axis=1) - of.change).mean() / max(np.abs(of.change).mean(), 1e-12)
    return {f"explain_incompleteness_{subject}": float(error)}


def _curves(subject: Subject, walked: Walk) -> Iterator[Curve]:
    shares = tuple(float(share) for share in walked.shares)
    for name, of in (("insertion", walked.inserted), ("deletion", walked.deleted)):
        means = tuple(float(value) for value in of.mean(axis=0))
        yield Curve(name, subject, shares, means, "share of the inputs", "probability")
