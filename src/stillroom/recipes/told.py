"""Evidence that grows by what axes find."""

from __future__ import annotations

from dataclasses import dataclass, replace

from stillroom.types import Curve, Evidence
from stillroom.validate.comparison import Found, to_metric
from stillroom.validate.privacy.attack import Attack, curve, measure_attack
from stillroom.validate.privacy.loss_threshold import NAME
from stillroom.validate.trial import Facts


@dataclass
class Told:
    """Evidence on the test split, to which more is added.

    Attributes:
        evidence: what is known so far.
    """

    evidence: Evidence

    def add(self, found: Found, facts: Facts, curves: tuple[Curve, ...] = ()) -> None:
        """Write estimates down."""
        metrics = tuple(to_metric(key, estimate, "test") for key, estimate in found.items())
        self.evidence = replace(
            self.evidence,
            metrics=(*self.evidence.metrics, *metrics),
            curves=(*self.evidence.curves, *curves),
            facts={**(self.evidence.facts or {}), **facts},
        )

    def add_attack(self, attack: Attack, repeats: int, seed: int) -> None:
        """Write down what an attack found; of the baseline, its curve."""
        self.add(*measure_attack(attack, repeats, seed), (curve(attack),) if attack.name == NAME else ())
