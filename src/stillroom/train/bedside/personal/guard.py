"""Whether a patient's own labels may change the model: judged on labels that the change had not seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stillroom.export.onnx.personal.adapter import POPULATION, Adapter, adapted
from stillroom.export.onnx.personal.plan import ChangePlan
from stillroom.train.bedside.personal.fit import fit_adapter
from stillroom.types.cases import UNKNOWN

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Hours:
    """What was said to one patient's questions, and what came true.

    Attributes:
        asked: hour of each question, ``(items,)``.
        known: hour at which its truth is known.
        logits: of the locked model.
        features: standardised, ``(items, features)``.
        labels: 0, 1, or ``UNKNOWN``.
    """

    asked: Array
    known: Array
    logits: Array
    features: Array
    labels: NDArray[np.int64]

    def within(self, inside: NDArray[np.bool_]) -> Hours:
        """Some of them."""
        return Hours(
            self.asked[inside],
            self.known[inside],
            self.logits[inside],
            self.features[inside],
            self.labels[inside],
        )

    def before(self, hour: float) -> Hours:
        """Those whose truth is known by an hour."""
        return self.within((self.known <= hour) & (self.labels != UNKNOWN))


@dataclass(frozen=True, slots=True)
class Decision:
    """What the guard says.

    Attributes:
        accepted: whether the update goes into force.
        reason: why, in a line.
        adapter: what was fitted to all labels; the population's where too few.
        labels: how many there were.
        risk_locked: log loss of the locked model on the judged hours, in nats; None where none was judged.
        risk_adapted: that of adapters that had not seen them.
    """

    accepted: bool
    reason: str
    adapter: Adapter
    labels: int
    risk_locked: float | None = None
    risk_adapted: float | None = None


def decide(hours: Hours, now: float, plan: ChangePlan) -> Decision:
    """Fit an update to what is known now, and let it pass only if updates would have helped so far.

    The adapter runs in the shadow first: every question is answered by what could have been fitted to the labels that
    were known when it was asked, and both answers are judged once the truth is known. An update whose shadow has a log
    loss that is not below that of the locked model is refused.

    Args:
        hours: questions of one patient; questions whose truth is not known by now are not looked at.
        now: hours since the stay began.
        plan: what may change.
    """
    known = hours.before(now)
    many = len(known.labels)
    if many < plan.least_labels:
        return Decision(False, f"{many} labels, of at least {plan.least_labels}", POPULATION, many)
    adapter = _fitted(known, plan)
    shadow = [known.before(hour) for hour in known.asked]
    judged = np.array([len(earlier.labels) > 0 for earlier in shadow])
    if not judged.any():
        return Decision(False, "no label that an update had not seen", adapter, many)
    risks = np.concatenate(
        [
            adapted(
                known.logits[at : at + 1],
                known.features[at : at + 1],
                _fitted(earlier, plan),
                plan.most_shift,
            )
            for at, earlier in enumerate(shadow)
        ]
    )
    locked = 1 / (1 + np.exp(-known.logits))
    before, after = (_log_loss(of[judged], known.labels[judged]) for of in (locked, risks))
    accepted = after < before
    reason = (
        "the shadow's risk is below the locked model's" if accepted else "it would raise the validated risk"
    )
    return Decision(accepted, reason, adapter, many, before, after)


def _fitted(hours: Hours, plan: ChangePlan) -> Adapter:
    return fit_adapter(hours.logits, hours.features, hours.labels.astype(np.float64), plan.deviation)


def _log_loss(risks: Array, labels: NDArray[np.int64]) -> float:
    return float(-np.log(np.where(labels == 1, risks, 1 - risks)).mean())
