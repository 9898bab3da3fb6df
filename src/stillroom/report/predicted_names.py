"""What figures of classifiers, taggers, segmenters and risk models are called in front of a reader."""

from __future__ import annotations

from collections.abc import Mapping

_WAYS = {"locked": "locked", "personal": "adapted", "unguarded": "adapted without guard"}
_LATER = {
    "log_loss": "Log loss",
    "brier": "Brier score",
    "auroc": "AUROC",
    "risk_error": "Risk error of patients",
}

PERSONAL_NAMES: Mapping[str, str] = {
    f"{way}_{figure}{ending}": f"{called} in later hours, {told}{meaning}"
    for figure, called in _LATER.items()
    for way, told in _WAYS.items()
    for ending, meaning in (("", ""), ("_change", " minus locked"))
    if not (way == "locked" and ending)
}
"""Of models that are adapted to each patient."""

PREDICTED_NAMES: Mapping[str, str] = {
    **PERSONAL_NAMES,
    "auroc": "AUROC",
    "auprc": "AUPRC (average precision)",
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "accuracy_likeliest": "Accuracy without a floor of recall",
    "sensitivity_likeliest": "Sensitivity without a floor of recall",
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
    "sensitivity_at_specificity": "Sensitivity at the wanted specificity",
    "ppv": "Positive predictive value",
    "npv": "Negative predictive value",
    "fnr": "Share of misses",
    "fpr": "Share of false alarms",
    "alarm_rate": "Share of alarms",
    "f1": "F1",
    "f1_micro": "F1, all decisions together",
    "f1_macro": "F1, mean over classes",
    "mcc": "Matthews correlation",
    "log_loss": "Log loss",
    "brier_score": "Brier score of probabilities",
    "brier_reliability": "Brier score, miscalibration",
    "brier_resolution": "Brier score, resolution",
    "ece_classwise": "Calibration error by class",
    "ece_uncalibrated": "Calibration error before the calibrator",
    "ece_classwise_uncalibrated": "Calibration error by class before the calibrator",
    "log_loss_uncalibrated": "Log loss before the calibrator",
    "brier_score_uncalibrated": "Brier score before the calibrator",
    "confidence": "Mean confidence",
    "certainty_inflation": "Confidence minus accuracy",
    "entropy": "Mean entropy",
    "mae": "Mean absolute error",
    "rmse": "Root mean squared error",
    "r2": "Share of variance explained",
    "mean_error": "Mean error",
    "dice": "Dice overlap",
    "iou": "Intersection over union",
    "hd95_mm": "95 % surface distance",
    "entity_precision": "Entity precision",
    "entity_recall": "Entity recall",
    "entity_f1": "Entity F1",
    "answer_ms": "Time to answer",
    "answer_ms_p95": "Time to answer, 95 of 100 below",
    "answer_ms_p99": "Time to answer, 99 of 100 below",
}

PREDICTED_GROUPS: Mapping[str, tuple[str, ...]] = {
    "Ranking": ("auroc", "auprc", "sensitivity_at_specificity"),
    "Decisions": (
        "accuracy",
        "accuracy_likeliest",
        "balanced_accuracy",
        "f1",
        "f1_macro",
        "f1_micro",
        "mcc",
        "sensitivity",
        "specificity",
        "ppv",
        "npv",
        "fnr",
        "fpr",
        "alarm_rate",
    ),
    "Entities": ("entity_f1", "entity_precision", "entity_recall"),
    "Overlap": ("dice", "iou", "hd95_mm"),
    "Values": ("mae", "rmse", "r2", "mean_error"),
    "Probabilities": (
        "log_loss",
        "brier_score",
        "brier_reliability",
        "brier_resolution",
        "ece",
        "ece_classwise",
        "certainty_inflation",
        "confidence",
        "entropy",
    ),
    "Adapted to each patient": tuple(PERSONAL_NAMES),
    "Size and speed": ("parameters", "bytes_on_disk", "answer_ms", "answer_ms_p95", "answer_ms_p99"),
}

PREDICTED_SUMMARY = (
    "auroc",
    "auprc",
    "f1_macro",
    "balanced_accuracy",
    "entity_f1",
    "dice",
    "hd95_mm",
    "mae",
    "r2",
    "log_loss",
)
"""Figures of the terminal table and the model card."""
