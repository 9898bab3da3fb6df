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

_LIKE_THE_TEACHER: Mapping[str, MetricSpec] = {
    "attribution_rank_agreement": MetricSpec(
        "correlation", True, "mean rank correlation of a case's attributions with the teacher's"
    ),
    "attribution_top_agreement": MetricSpec(
        SHARE, True, "mean share of the inputs of largest attribution that are the teacher's too"
    ),
    "attention_agreement": MetricSpec(
        SHARE, True, "1 - Jensen-Shannon divergence / ln 2 of a case's attention and the teacher's, mean"
    ),
    "fidelity": MetricSpec(SHARE, True, "share of cases that are decided as the teacher decides them"),
    "fidelity_kl": MetricSpec("nats", False, "mean KL(teacher‖subject) of a case's answer"),
}

EXPLANATIONS: Mapping[str, MetricSpec] = {
    "insertion_auc": MetricSpec(
        "area", True, "mean probability of the explained answer as inputs are given, the most telling first"
    ),
    "deletion_auc": MetricSpec(
        "area", False, "mean probability of the explained answer as inputs are taken, the most telling first"
    ),
    "insertion_above_random": MetricSpec(
        "area", True, "area of insertion minus that of orders by chance, on the same cases"
    ),
    "deletion_below_random": MetricSpec(
        "area", True, "area of deletion by chance minus that in the order of the attribution"
    ),
    **_LIKE_THE_TEACHER,
    **{
        f"{name}_minus_control": MetricSpec(
            _apart(spec.unit), spec.higher_is_better, f"student minus control: {spec.description}"
        )
        for name, spec in _LIKE_THE_TEACHER.items()
    },
}
"""Attributions: faithful to the model, and like the teacher's; ``/grad_cam`` by another method."""

_ATTACKED: Mapping[str, str] = {
    "membership": "items that were learned from",
    "attribute_inference": "persons with the attribute",
}

PRIVACY: Mapping[str, MetricSpec] = {
    name: spec
    for kind, what in _ATTACKED.items()
    for name, spec in {
        f"{kind}_auc": MetricSpec(
            "area", False, f"chance that an attack scores {what} above others; 0.5: chance"
        ),
        f"{kind}_tpr_at_1_percent": MetricSpec(SHARE, False, f"share of {what} told at 1 % of false alarms"),
        f"{kind}_tpr_at_01_percent": MetricSpec(
            SHARE, False, f"share of {what} told at 0.1 % of false alarms"
        ),
    }.items()
}
"""By attack ``/loss_threshold``, and by attribute ``/name,attribute``."""

SHIFTED: Mapping[str, tuple[str, bool, str]] = {
    "auroc": ("area", True, "chance that a positive case ranks above a negative one"),
    "accuracy": (SHARE, True, "share of cases that are decided right"),
    "log_loss": ("nats", False, "mean negative log-probability of what was true"),
    "ece": ("probability", False, "expected calibration error"),
}
"""What is compared inside and outside of the domain: unit, whether more is better, and what it is."""

SHIFT: Mapping[str, MetricSpec] = {
    "ood_auroc": MetricSpec(
        "area", True, "chance that a case outside of the domain looks stranger than one inside"
    ),
    "ood_fpr95": MetricSpec(SHARE, False, "share of cases outside that pass where 95 % of those inside do"),
    **{
        name: spec
        for figure, (unit, better, what) in SHIFTED.items()
        for name, spec in {
            f"inside_{figure}": MetricSpec(unit, better, f"inside the domain: {what}"),
            f"outside_{figure}": MetricSpec(unit, better, f"outside of the domain: {what}"),
            f"shift_gap_{figure}": MetricSpec(
                _apart(unit), False, f"how much worse outside of the domain than inside: {what}"
            ),
            f"extra_shift_gap_{figure}": MetricSpec(
                _apart(unit), False, f"what is lost outside of the domain, minus the teacher's loss: {what}"
            ),
            f"shift_gap_{figure}_minus_control": MetricSpec(
                _apart(unit), False, f"what is lost outside of the domain, minus the control's loss: {what}"
            ),
        }.items()
    },
    "shift_deferral_rate": MetricSpec(
        SHARE, True, "share of cases outside of the domain that a threshold set inside leaves to people"
    ),
    "shift_selective_risk": MetricSpec(
        SHARE, False, "share of wrong decisions outside of the domain among cases not left to people"
    ),
    "shift_abstention_gain": MetricSpec(
        DIFFERENCE,
        True,
        "by how much leaving unsure cases to people lowers the share of wrong decisions outside",
    ),
}
"""Other sites and other data; detection by score ``/energy`` and ``/max_softmax``."""

AXES: Mapping[str, MetricSpec] = {**FAIRNESS, **ROBUSTNESS, **EXPLANATIONS, **PRIVACY, **SHIFT}
"""All of them."""
