"""What must be told with a model, and whether the evidence tells it."""

from __future__ import annotations

from collections.abc import Mapping

from stillroom.types import Evidence

ITEMS: Mapping[str, tuple[str, ...]] = {
    "what is kept of the teacher": ("retention_", "gap_closed_", "control_gap_closed_"),
    "what the teacher added to the labels": ("_minus_control",),
    "what compression and export changed": ("kept_", "kl_to_student", "_minus_student"),
    "calibration": ("ece", "brier"),
    "a bias audit": ("subgroup_", "amplification_", "worst_subgroup_"),
    "robustness": ("perturbed_", "degradation_", "confidence_drop", "attacked_"),
    "what is left to people": ("deferral_rate", "selective_risk", "conformal_"),
    "privacy": ("membership_", "attribute_inference_"),
    "why it fails": ("failure_",),
    "the cost of an answer": ("latency_ms", "prefill_ms"),
}
"""Each item, and how figures that answer it are named."""


def disclosed(evidence: Evidence) -> dict[str, bool]:
    """Tell which items the evidence answers; what is not answered is to be said as such, never left out.

    >>> disclosed(Evidence(metrics=()))["a bias audit"]
    False
    """
    names = {metric.name.partition("/")[0] for metric in evidence.metrics}
    found = {
        item: any(
            mark in name if mark.startswith("_") else name.startswith(mark)
            for mark in marks
            for name in names
        )
        for item, marks in ITEMS.items()
    }
    return found | {"rules set before the measuring": bool(evidence.gates)}
