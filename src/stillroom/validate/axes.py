"""Figures of the axes that a recipe may switch on: fairness, robustness, explanations, energy, privacy."""

from __future__ import annotations

from collections.abc import Mapping

from stillroom.validate.metric_spec import DIFFERENCE, NATS, SHARE, MetricSpec

FAIR: Mapping[str, tuple[str, bool, str]] = {
    "log_perplexity": (NATS, False, "mean negative log-likelihood of a response token"),
    "token_accuracy": (SHARE, True, "share of response tokens that the model ranks first"),
    "choice_accuracy": (SHARE, True, "share of multiple-choice items answered right"),
}
"""What is compared between subgroups: unit, whether more is better, and what it is."""


def _apart(unit: str) -> str:
    """The unit of a difference of two figures."""
    return DIFFERENCE if unit == SHARE else unit


FAIRNESS: Mapping[str, MetricSpec] = {
    name: spec
    for figure, (unit, better, what) in FAIR.items()
    for name, spec in {
        f"subgroup_{figure}": MetricSpec(unit, better, f"of a subgroup: {what}"),
        f"subgroup_gap_{figure}": MetricSpec(
            _apart(unit),
            False,
            f"how much worse off a subgroup is than all others; below 0, better off: {what}",
        ),
        f"amplification_{figure}": MetricSpec(
            _apart(unit), False, f"a subgroup's gap with this model minus its gap with the teacher: {what}"
        ),
        f"worst_subgroup_{figure}": MetricSpec(
            unit, better, f"of the subgroup that is worst off, found anew in each resample: {what}"
        ),
    }.items()
}
"""For each subgroup ``attribute:name``, and for each attribute the worst of them."""

ROBUSTNESS: Mapping[str, MetricSpec] = {
    **{
        name: spec
        for figure, (unit, better, what) in FAIR.items()
        for name, spec in {
            f"perturbed_{figure}": MetricSpec(unit, better, f"with changed prompts: {what}"),
            f"degradation_{figure}": MetricSpec(
                _apart(unit), False, f"how much worse than on the same prompts unchanged: {what}"
            ),
            f"extra_degradation_{figure}": MetricSpec(
                _apart(unit), False, f"a model's degradation minus the teacher's: {what}"
            ),
        }.items()
    },
    "confidence_drop": MetricSpec(
        DIFFERENCE, None, "how much less sure of its first choice it is than on unchanged prompts"
    ),
    "unnoticed_errors": MetricSpec(
        DIFFERENCE,
        False,
        "how much more its token accuracy falls than its confidence: errors that come unannounced",
    ),
    "choice_changed": MetricSpec(SHARE, False, "items answered otherwise though the question asks the same"),
    "meaning_sensitivity": MetricSpec(
        NATS, True, "how much less likely the old answer becomes when the question's meaning is turned round"
    ),
    "meaning_choice_changed": MetricSpec(
        SHARE, True, "items answered otherwise when the question's meaning is turned round"
    ),
    "attacked_choice_accuracy": MetricSpec(
        SHARE, True, "items answered right whatever few words are misspelt, sought greedily"
    ),
    "attack_success": MetricSpec(SHARE, False, "items answered right before the attack and wrong after it"),
}
"""For each perturbation ``/name``; changes that keep the question, and changes that turn its meaning round."""

AXES: Mapping[str, MetricSpec] = {**FAIRNESS, **ROBUSTNESS}
"""All of them."""
