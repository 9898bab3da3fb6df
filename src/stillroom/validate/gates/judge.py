"""Gates: a rule is met only if it is met at worst."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from stillroom.types import Evidence, Gate, GateError, Metric, Verdict
from stillroom.validate.gates.bounds import ends, meets, too_few
from stillroom.validate.gates.feasible import infeasible
from stillroom.validate.gates.settings import CeilingSettings, GateSettings
from stillroom.validate.gates.tiers import Asked, Tier, asked_of


def judge(
    evidence: Evidence,
    gates: Sequence[GateSettings],
    split: str = "test",
    *,
    tiers: Sequence[Tier] = (),
    ceilings: Sequence[CeilingSettings] = (),
) -> Evidence:
    """Hold gates against the evidence and return it with their verdicts.

    Args:
        evidence: what was measured, figures of efficiency included.
        gates: rules of one's own.
        split: split of the measured figures; figures without a split (bytes, speed) are found too.
        tiers: sets of rules, from :func:`load_tier`, each held against teacher, student and bundle alike. What a tier
            asks for and was not measured is ``not_demonstrated``.
        ceilings: what is known to be out of reach; a rule that asks for more is ``infeasible``.

    Raises:
        GateError: a gate of one's own names a figure that was not measured.
    """
    figures = {(m.name, m.subject): m for m in evidence.metrics if m.split in {split, ""}}
    asked = [Asked(gate) for gate in gates] + [rule for tier in tiers for rule in asked_of(tier, figures)]
    hopeless = infeasible([each.rule for each in asked], ceilings)
    verdicts = [_judge(each, figures.get((each.rule.metric, each.rule.subject)), hopeless) for each in asked]
    return replace(evidence, gates=(*evidence.gates, *verdicts))


def verdict(metric: Metric, gate: GateSettings) -> Verdict:
    """Compare a figure with a threshold.

    ``pass``: its worse end meets the threshold. ``fail``: not even its better end does. Else, and for an interval over
    a single unit, ``not_demonstrated``: the evidence does not decide.
    """
    worse, better = ends(metric, gate.direction)
    if not meets(better, gate.threshold, gate.direction):
        return "fail"
    resampled_one = metric.ci_low is not None and metric.n < 2
    met = meets(worse, gate.threshold, gate.direction) and not resampled_one
    return "pass" if met else "not_demonstrated"


def _judge(asked: Asked, metric: Metric | None, hopeless: dict[GateSettings, str]) -> Gate:
    rule = asked.rule
    if metric is None and not asked.tier:
        raise GateError(
            f"gate {rule.name!r} needs {rule.metric} of {rule.subject}, which was not measured",
            "a figure measured on this split or without a split",
            "measure it, or name another metric or subject in the gate",
        )
    found: Verdict = "not_demonstrated" if metric is None else verdict(metric, rule)
    note = "was not measured" if metric is None else ""
    if metric and found == "not_demonstrated":
        note = too_few(metric, rule.threshold, rule.direction)
    return Gate(
        name=rule.name,
        metric=rule.metric,
        subject=rule.subject,
        direction=rule.direction,
        threshold=rule.threshold,
        value=metric.value if metric else None,
        bound=ends(metric, rule.direction)[0] if metric else None,
        verdict="infeasible" if rule in hopeless else found,
        tier=asked.tier,
        decides=asked.decides,
        note=hopeless.get(rule, note),
    )
