"""The result of an attack, and what may be claimed from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from math import ceil, floor
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from stillroom.types import Curve, Subject
from stillroom.validate.classification.ranking import Ranked
from stillroom.validate.comparison import Found
from stillroom.validate.statistics.level import Array
from stillroom.validate.statistics.measures import Draw, Summed, Weighed
from stillroom.validate.statistics.newcombe import auroc_interval
from stillroom.validate.trial import Facts

Kind = Literal["membership", "attribute_inference"]

RATES = {"tpr_at_1_percent": 0.01, "tpr_at_01_percent": 0.001}
"""Shares of false alarms at which an attack's hits are told."""


@dataclass(frozen=True)
class Attack:
    """What an attacker said of items, and what is true.

    Attributes:
        kind: whether an item was learned from, or whether a person has an attribute.
        name: the attack's, such as ``loss_threshold`` or ``lira``.
        subject: the model that was attacked.
        scores: the higher, the surer that an item is positive, shape ``(items,)``.
        positive: items that were learned from, or persons with the attribute.
        groups: patient of each item.
        claims: what the result shows, in a sentence.
        limits: what it does not show.
        attribute: the attribute that was guessed; ``""`` of membership.
    """

    kind: Kind
    name: str
    subject: Subject
    scores: Array
    positive: NDArray[np.bool_]
    groups: tuple[str, ...]
    claims: str
    limits: str
    attribute: str = ""

    @property
    def part(self) -> str:
        """How its figures are told apart from those of other attacks."""
        return ",".join(filter(None, (self.name, self.attribute)))


def measure_attack(attack: Attack, repeats: int, seed: int) -> tuple[Found, Facts]:
    r"""Area under the curve, and hits at few false alarms.

    Area: the chance that a positive item scores above another, with Newcombe's interval. An area near ½ is an average
    and no guarantee: a few persons may be told with certainty. So hits are told at 1 % and 0.1 % of false alarms, with
    the exact interval of Clopper and Pearson over positive items, given the threshold that the others set: the
    :math:`\lfloor \alpha n \rfloor + 1`-th highest of their scores, which a hit must exceed. With fewer than 1/α
    negatives no threshold has that rate, and none is told.

    Returns:
        Estimates, and facts: sizes, claim and limits, and what is not measurable with so few items.

    Source: Carlini et al. 2022, arXiv:2112.03570 (hits at few false alarms in place of averages).
    """
    draw = Draw.of(attack.groups, repeats, seed, f"attack {attack.part}")
    area = _area(attack).estimate(draw)
    found: Found = {(f"{attack.kind}_auc", attack.part, attack.subject): area}
    where = f"{attack.kind}/{attack.part}/{attack.subject}"
    facts: Facts = {
        f"{where}/positives": int(attack.positive.sum()),
        f"{where}/negatives": int((~attack.positive).sum()),
        f"{where}/claims": attack.claims,
        f"{where}/limits": attack.limits,
    }
    for name, rate in RATES.items():
        hits = _hits(attack, rate)
        if hits is None:
            facts[f"{where}/{name}"] = (
                f"not measurable with n = {int((~attack.positive).sum()):,}: needs {ceil(1 / rate):,} negatives"
            )
        else:
            found[f"{attack.kind}_{name}", attack.part, attack.subject] = hits.estimate(draw)
    return found, facts


def curve(attack: Attack) -> Curve:
    """The ROC curve of an attack."""
    x, y = (tuple(of.tolist()) for of in Ranked(attack.scores, attack.positive).roc())
    return Curve(attack.kind, attack.subject, x, y, "false alarms", "hits")


def _area(attack: Attack) -> Weighed:
    rarest = attack.positive if attack.positive.mean() <= 0.5 else ~attack.positive
    ranked = Ranked(attack.scores, attack.positive)
    return Weighed("auc", ranked.auroc, rarest, interval=partial(_interval, attack.positive))


def _interval(positive: NDArray[np.bool_], area: float, draw: Draw) -> tuple[float, float]:
    return auroc_interval(area, draw.holding(positive), draw.holding(~positive))


def _hits(attack: Attack, rate: float) -> Summed | None:
    """Which positive items score above all but the allowed share of the others."""
    others = np.sort(attack.scores[~attack.positive])[::-1]
    allowed = floor(rate * len(others) + 1e-9)
    if allowed < 1:
        return None
    held = attack.positive.astype(np.float64)
    return Summed("hits", np.stack([held * (attack.scores > others[allowed]), held], axis=1))
