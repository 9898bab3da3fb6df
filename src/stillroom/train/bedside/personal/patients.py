"""Many patients adapted one by one, and what is then said of their later hours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stillroom.export.onnx.personal.adapter import adapted, logits_of, standardised
from stillroom.export.onnx.personal.plan import ChangePlan
from stillroom.train.bedside.personal.guard import Decision, Hours, decide
from stillroom.types import TrainError
from stillroom.types.cases import UNKNOWN, Case

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Later:
    """Answers to the later hours of many patients.

    Attributes:
        risks: by way of answering: ``locked``, ``personal`` (behind the guard), ``unguarded``; each ``(items,)``.
        truth: what came true.
        groups: patient of each item.
        decisions: what the guard said, by patient; also of patients without later hours.
    """

    risks: Mapping[str, Array]
    truth: NDArray[np.bool_]
    groups: tuple[str, ...]
    decisions: Mapping[str, Decision]


def hours_of(cases: Sequence[Case], risks: Array, features: Array, plan: ChangePlan) -> Hours:
    """Gather one patient's questions in the order in which they were asked.

    Raises:
        TrainError: a case without hours.
    """
    spans = [case.span for case in cases if case.span is not None]
    if len(spans) < len(cases):
        raise TrainError(
            "adaptation to patients whose cases have no hours",
            "a task that asks again and again within a stay, such as icu_hypotension",
            "leave out `personalise`",
        )
    asked, known = np.array(spans, dtype=np.float64).T
    order = np.argsort(asked, kind="stable")
    labels = np.array([int(case.target) for case in cases])
    read = standardised(features, plan)
    return Hours(asked[order], known[order], logits_of(risks)[order], read[order], labels[order])


def adapt_all(
    cases: Sequence[Case], risks: Array, features: Array, plan: ChangePlan, first_hours: float
) -> Later:
    """Adapt to each patient at an hour, once, and answer their later questions.

    Args:
        cases: of many patients.
        risks: of the locked model, ``(cases,)``.
        features: pooled features, ``(cases, width)``; width 0 where the plan reads none.
        plan: what may change.
        first_hours: the hour.

    Raises:
        TrainError: a case without hours, or no question from that hour on whose truth is known.
    """
    places: dict[str, list[int]] = {}
    for at, case in enumerate(cases):
        places.setdefault(case.group, []).append(at)
    parts: list[tuple[Mapping[str, Array], NDArray[np.bool_], str]] = []
    decisions = {}
    for group, mine in places.items():
        hours = hours_of([cases[at] for at in mine], risks[mine], features[mine], plan)
        decisions[group] = decision = decide(hours, first_hours, plan)
        later = hours.within((hours.asked >= first_hours) & (hours.labels != UNKNOWN))
        if len(later.labels):
            parts.append((_ways(later, decision, plan), later.labels == 1, group))
    if not parts:
        raise TrainError(
            f"no question from hour {first_hours:g} on",
            "patients with later hours, which adaptation is measured on",
            "lower personalise.first_hours",
        )
    return Later(
        risks={way: np.concatenate([of[way] for of, _, _ in parts]) for way in parts[0][0]},
        truth=np.concatenate([truth for _, truth, _ in parts]),
        groups=tuple(group for _, truth, group in parts for _ in truth),
        decisions=decisions,
    )


def _ways(later: Hours, decision: Decision, plan: ChangePlan) -> dict[str, Array]:
    locked = np.asarray(1 / (1 + np.exp(-later.logits)))
    moved = adapted(later.logits, later.features, decision.adapter, plan.most_shift)
    return {"locked": locked, "personal": moved if decision.accepted else locked, "unguarded": moved}
