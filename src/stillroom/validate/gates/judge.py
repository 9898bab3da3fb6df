"""Gates: a rule is met only if the whole interval meets it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from stillroom.types import Evidence, Gate, GateError, Metric, Verdict
from stillroom.validate.settings import GateSettings


def judge(evidence: Evidence, gates: Sequence[GateSettings], split: str = "test") -> Evidence:
    """Hold gates against the evidence and return it with their verdicts.

    Args:
        evidence: what was measured, figures of efficiency included.
        gates: the rules.
        split: split of the measured figures; figures without a split (bytes, speed) are found too.

    Raises:
        GateError: a gate names a figure that was not measured.
    """
    verdicts = [_judge(_find(evidence, gate, split), gate) for gate in gates]
    return replace(evidence, gates=(*evidence.gates, *verdicts))


def verdict(metric: Metric, gate: GateSettings) -> Verdict:
    """Compare an interval with a threshold.

    ``pass``: the worse end of the interval meets the threshold. ``fail``: not even the better end does. Else,
    and for an interval over a single unit, ``not_demonstrated``: the evidence does not decide.
    """
    worse, better = _ends(metric, gate)
    if not _meets(better, gate):
        return "fail"
    resampled_one = metric.ci_low is not None and metric.n < 2
    return "pass" if _meets(worse, gate) and not resampled_one else "not_demonstrated"


def _judge(metric: Metric, gate: GateSettings) -> Gate:
    return Gate(
        name=gate.name,
        metric=gate.metric,
        subject=gate.subject,
        direction=gate.direction,
        threshold=gate.threshold,
        value=metric.value,
        bound=_ends(metric, gate)[0],
        verdict=verdict(metric, gate),
    )


def _ends(metric: Metric, gate: GateSettings) -> tuple[float, float]:
    """Worse and better end of the interval, as the gate sees it."""
    low = metric.value if metric.ci_low is None else metric.ci_low
    high = metric.value if metric.ci_high is None else metric.ci_high
    return (low, high) if gate.direction == "at_least" else (high, low)


def _meets(value: float, gate: GateSettings) -> bool:
    return value >= gate.threshold if gate.direction == "at_least" else value <= gate.threshold


def _find(evidence: Evidence, gate: GateSettings, split: str) -> Metric:
    for metric in evidence.metrics:
        if (metric.name, metric.subject) == (gate.metric, gate.subject) and metric.split in {split, ""}:
            return metric
    raise GateError(
        f"gate {gate.name!r} needs {gate.metric} of {gate.subject}, which was not measured",
        f"a figure measured on the {split} split or without a split",
        "measure it, or name another metric or subject in the gate",
    )
