"""What figures and subjects are called in front of a reader, and which of them matter most."""

from __future__ import annotations

from collections.abc import Mapping

from stillroom.report.predicted_names import PREDICTED_NAMES, PREDICTED_SUMMARY
from stillroom.types import Subject, Verdict

SUBJECT_NAMES: Mapping[Subject, str] = {
    "teacher": "Teacher",
    "student_untrained": "Untrained student",
    "control": "Control",
    "student": "Student",
    "bundle": "Bundle",
}

SUBJECT_NOTES: Mapping[Subject, str] = {
    "teacher": "the large model, adapted to the corpus",
    "student_untrained": "the small model as cut from the teacher, before training",
    "control": "the same small model, same data and budget, trained without the teacher",
    "student": "the small model, trained from the teacher",
    "bundle": "the student as exported, compressed and run in its final runtime",
}

METRIC_NAMES: Mapping[str, str] = {
    **PREDICTED_NAMES,
    "perplexity": "Perplexity",
    "log_perplexity": "Log-perplexity",
    "token_accuracy": "Token accuracy",
    "number_accuracy": "Numbers right",
    "unit_accuracy": "Units right",
    "negation_accuracy": "Negations right",
    "laterality_accuracy": "Laterality right",
    "kl_to_teacher": "KL to the teacher",
    "top1_agreement": "First choice as the teacher",
    "top5_overlap": "Top-5 overlap with the teacher",
    "kl_to_student": "KL to the student",
    "top1_agreement_with_student": "First choice as the student",
    "top5_overlap_with_student": "Top-5 overlap with the student",
    "choice_accuracy": "Multiple choice",
    "choice_above_chance": "Multiple choice above chance",
    "ece": "Calibration error (ECE)",
    "ece_equal_width": "ECE, bins of equal width",
    "brier": "Brier score",
    "rouge1": "ROUGE-1",
    "rouge2": "ROUGE-2",
    "rougeL": "ROUGE-L",
    "bleu": "BLEU",
    "bleu1": "BLEU-1",
    "exact_match": "Exact match",
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
    "ppv": "Positive predictive value",
    "npv": "Negative predictive value",
    "fnr": "Share of positives missed (FNR)",
    "fpr": "False alarms (FPR)",
    "alarm_rate": "Alarms",
    "f1": "F1",
    "f1_micro": "F1, micro",
    "f1_macro": "F1, macro",
    "mcc": "Matthews correlation",
    "auroc": "AUROC",
    "auprc": "AUPRC",
    "sensitivity_at_specificity": "Sensitivity at the wanted specificity",
    "log_loss": "Log loss",
    "brier_score": "Brier score of all classes",
    "brier_reliability": "Brier, reliability",
    "brier_resolution": "Brier, resolution",
    "ece_classwise": "Calibration error, classwise",
    "confidence": "Confidence",
    "certainty_inflation": "Certainty inflation",
    "entropy": "Entropy",
    "aurc": "Area under risk and coverage",
    "selective_risk": "Wrong among decided cases",
    "deferral_rate": "Left to people",
    "conformal_coverage": "Coverage of sets",
    "conformal_set_size": "Size of sets",
    "failure_teacher_lacked_it": "Failures: the teacher lacked it",
    "failure_transfer": "Failures: the transfer failed",
    "failure_capacity": "Failures: beyond the student",
    "failure_undecided": "Failures: cause not told apart",
    "mae": "Mean absolute error",
    "rmse": "Root mean squared error",
    "r2": "Variance explained (R²)",
    "mean_error": "Mean error",
    "dice": "Dice",
    "iou": "Intersection over union",
    "hd95_mm": "Hausdorff distance, 95th percentile",
    "entity_precision": "Entity precision",
    "entity_recall": "Entity recall",
    "entity_f1": "Entity F1",
    "epsilon": "Privacy budget ε",
    "parameters": "Parameters",
    "bytes_on_disk": "Size on disk",
    "latency_ms": "Time of an answer",
    "latency_ms_p95": "Time of an answer, 95th percentile",
    "prefill_ms": "Time to read a prompt",
    "prefill_ms_p95": "Time to read a prompt, 95th percentile",
    "prefill_ms_p99": "Time to read a prompt, 99th percentile",
    "token_ms": "Time to write a token",
    "token_ms_p95": "Time to write a token, 95th percentile",
    "token_ms_p99": "Time to write a token, 99th percentile",
    "decode_tokens_per_second": "Writing speed",
    "throughput_batch1": "Throughput, one answer at a time",
    "throughput_batch8": "Throughput, eight answers at once",
    "prefill_flops": "Operations to read a prompt",
    "token_flops": "Operations to write a token",
    "peak_memory_bytes": "Peak memory",
    "answer_joules": "Energy of an answer",
    "answer_co2_mg": "Carbon dioxide of an answer",
    "making_joules": "Energy of making it",
    "making_co2_g": "Carbon dioxide of making it",
    "break_even_answers": "Answers until the energy is saved",
}

MAIN = ("perplexity", "kl_to_teacher", "choice_accuracy", "token_accuracy", "rougeL", "ece")
"""Figures of the retention picture."""

SUMMARY = (
    *PREDICTED_SUMMARY,
    "perplexity",
    "log_perplexity",
    "token_accuracy",
    "kl_to_teacher",
    "choice_accuracy",
    "ece",
    "rougeL",
    "bleu",
    "parameters",
    "bytes_on_disk",
    "prefill_ms",
    "decode_tokens_per_second",
    "answer_ms",
    "peak_memory_bytes",
)
"""Figures of the terminal table and the model card."""

VERDICT_NAMES: Mapping[Verdict, str] = {
    "pass": "passed",
    "fail": "failed",
    "not_demonstrated": "not demonstrated",
    "infeasible": "infeasible",
}

_AXIS_NAMES: Mapping[str, str] = {
    "confidence_drop": "Less sure with changed prompts",
    "unnoticed_errors": "Errors with changed prompts that come unannounced",
    "choice_changed": "Answers otherwise, though asked the same",
    "meaning_sensitivity": "Notices a turned meaning",
    "meaning_choice_changed": "Answers otherwise when the meaning is turned",
    "attacked_choice_accuracy": "Multiple choice under attack",
    "attack_success": "Successful attacks",
    "membership_auc": "Area of membership inference",
    "membership_tpr_at_1_percent": "Members told at 1 % of false alarms",
    "membership_tpr_at_01_percent": "Members told at 0.1 % of false alarms",
    "attribute_inference_auc": "Area of attribute inference",
    "attribute_inference_tpr_at_1_percent": "Attribute told at 1 % of false alarms",
    "attribute_inference_tpr_at_01_percent": "Attribute told at 0.1 % of false alarms",
    "ood_auroc": "Tells cases outside of the domain",
    "ood_fpr95": "Cases outside that pass with 95 % of those inside",
    "shift_deferral_rate": "Left to people outside of the domain",
    "shift_selective_risk": "Wrong outside among those decided",
    "shift_abstention_gain": "Fewer wrong outside by abstention",
    "insertion_auc": "Area of insertion",
    "deletion_auc": "Area of deletion",
    "insertion_above_random": "Insertion, over orders by chance",
    "deletion_below_random": "Deletion, under orders by chance",
    "attribution_rank_agreement": "Ranks inputs as the teacher",
    "attribution_top_agreement": "Leading inputs shared with the teacher",
    "attention_agreement": "Attention as the teacher",
    "fidelity": "Decides as the teacher",
    "fidelity_kl": "KL of answers to the teacher",
}
"""Figures of the axes that are not made of others."""

_AXES: Mapping[str, str] = {
    "perturbed_": "with changed prompts",
    "inside_": "inside the domain",
    "outside_": "outside of the domain",
    "extra_shift_gap_": "lost outside of the domain beyond the teacher",
    "shift_gap_": "lost outside of the domain",
    "extra_degradation_": "worse with changed prompts than the teacher",
    "degradation_": "worse with changed prompts",
    "subgroup_gap_": "gap of a subgroup",
    "worst_subgroup_": "worst subgroup",
    "subgroup_": "of a subgroup",
    "amplification_": "gap wider than the teacher's",
}
"""What is made of a figure by an axis; the first prefix that fits."""

_OVER_KINDS = {
    "choice_mean_of_ratios": "Multiple choice, mean of the kinds' ratios",
    "choice_ratio_of_means": "Multiple choice, ratio of the kinds' means",
}


def metric_name(name: str) -> str:
    """Name a metric for a reader; parts and comparisons are left to the place where it stands.

    >>> metric_name("ece/definition"), metric_name("log_perplexity_minus_control")
    ('Calibration error (ECE)', 'Log-perplexity')
    >>> metric_name("gap_closed_rougeL")
    'ROUGE-L, share of the gap'
    """
    base = name.partition("/")[0].partition("_minus_")[0]
    known = {**METRIC_NAMES, **_AXIS_NAMES}
    if base in known:
        return known[base]
    for prefix, told in _AXES.items():
        if base.startswith(prefix):
            return f"{METRIC_NAMES[base.removeprefix(prefix)]}, {told}"
    whole = "gap" if "gap_closed" in base else "student" if base.startswith("kept_") else "teacher"
    return f"{retained_name(base)}, share of the {whole}"


def retained_name(name: str) -> str:
    """Name what is retained or closed.

    >>> retained_name("control_gap_closed_log_perplexity"), retained_name("retention_choice_mean_of_ratios")
    ('Log-perplexity', "Multiple choice, mean of the kinds' ratios")
    """
    base = (
        name.removeprefix("control_")
        .removeprefix("gap_closed_")
        .removeprefix("retention_")
        .removeprefix("kept_")
    )
    return _OVER_KINDS.get(base) or METRIC_NAMES[base]


def part_name(name: str) -> str:
    """Name the part of the split that a metric belongs to.

    >>> part_name("perplexity/specialty:nervous system"), part_name("perplexity")
    ('nervous system', '')
    """
    return name.partition("/")[2].removeprefix("specialty:").replace(":", " ").replace("_", " ")
