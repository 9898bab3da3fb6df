"""Rules that nothing could meet: they end as infeasible, and are never relaxed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from stillroom.validate.gates.bounds import meets
from stillroom.validate.gates.settings import CeilingSettings, GateSettings
from stillroom.validate.metrics import spec

_COMPLEMENTS = {"sensitivity": "fnr", "specificity": "fpr"}
"""Rates that add up to 1."""


def infeasible(gates: Sequence[GateSettings], ceilings: Iterable[CeilingSettings]) -> dict[GateSettings, str]:
    """Find rules that contradict each other, and rules that ask for more than is within reach.

    Args:
        gates: all rules that are to hold together.
        ceilings: the best that is known to be within reach of a figure, of whomever and of every part.

    Returns:
        Why, by rule.
    """
    why: dict[GateSettings, str] = {}
    for gate in gates:
        for other in gates:
            if _contradict(gate, other):
                why[gate] = f"no value meets both this and {other.name!r} ({_said(other)})"
        for ceiling in ceilings:
            if gate.metric.partition("/")[0] == ceiling.metric and _out_of_reach(gate, ceiling):
                why[gate] = f"at best {ceiling.best:g} is within reach: {ceiling.because}"
    return why


def _contradict(gate: GateSettings, other: GateSettings) -> bool:
    ours, theirs = _as_range(gate), _as_range(other)
    if ours[:2] != theirs[:2]:
        return False
    lows = [threshold for _, _, direction, threshold in (ours, theirs) if direction == "at_least"]
    highs = [threshold for _, _, direction, threshold in (ours, theirs) if direction == "at_most"]
    return bool(lows and highs) and max(lows) > min(highs)


def _as_range(gate: GateSettings) -> tuple[str, str, str, float]:
    """Metric, subject, direction and threshold; a rate that has a complement is told by that."""
    base, slash, part = gate.metric.partition("/")
    if base not in _COMPLEMENTS:
        return gate.metric, gate.subject, gate.direction, gate.threshold
    turned = "at_most" if gate.direction == "at_least" else "at_least"
    return f"{_COMPLEMENTS[base]}{slash}{part}", gate.subject, turned, 1 - gate.threshold


def _out_of_reach(gate: GateSettings, ceiling: CeilingSettings) -> bool:
    """A rule in the direction of better whose threshold lies beyond the best."""
    wanted = "at_least" if spec(gate.metric).higher_is_better else "at_most"
    return gate.direction == wanted and not meets(ceiling.best, gate.threshold, gate.direction)


def _said(gate: GateSettings) -> str:
    return f"{gate.direction.replace('_', ' ')} {gate.threshold:g}"
