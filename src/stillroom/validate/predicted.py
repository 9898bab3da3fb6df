"""Figures of classifiers, taggers, segmenters and risk models: unit, direction, meaning and comparisons."""

from __future__ import annotations

from collections.abc import Mapping

from stillroom.types import Subject
from stillroom.validate.metric_spec import DIFFERENCE, RATIO, SHARE, MetricSpec

CLASSIFIED: Mapping[str, MetricSpec] = {
    "accuracy": MetricSpec(SHARE, True, "share of items that are decided right; of many labels, all of them"),
    "balanced_accuracy": MetricSpec(SHARE, True, "mean over classes of the share that is recognised"),
    "accuracy_likeliest": MetricSpec(
        SHARE,
        True,
        "share of items decided right if the likeliest class were called, without a floor of recall",
    ),
    "sensitivity_likeliest": MetricSpec(
        SHARE,
        True,
        "share of positive items found if the likeliest class were called, without a floor of recall",
    ),
    "sensitivity": MetricSpec(SHARE, True, "share of positive items that are found (recall)"),
    "specificity": MetricSpec(SHARE, True, "share of negative items that are left alone"),
    "ppv": MetricSpec(SHARE, True, "share of alarms that are right (precision)"),
    "npv": MetricSpec(SHARE, True, "share of all-clears that are right"),
    "fnr": MetricSpec(SHARE, False, "share of positive items that are missed"),
    "fpr": MetricSpec(SHARE, False, "share of negative items that raise an alarm"),
    "alarm_rate": MetricSpec(SHARE, None, "share of items that raise an alarm"),
    "f1": MetricSpec("F1", True, "harmonic mean of sensitivity and precision"),
    "f1_micro": MetricSpec("F1", True, "F1 of all decisions taken together"),
    "f1_macro": MetricSpec("F1", True, "mean of the F1 of the classes"),
    "mcc": MetricSpec("correlation", True, "Matthews correlation of decisions and truth, from -1 to 1"),
    "auroc": MetricSpec("area", True, "chance that a positive item ranks above a negative one; macro mean"),
    "auprc": MetricSpec("area", True, "average precision over the ranks of positive items; macro mean"),
    "sensitivity_at_specificity": MetricSpec(
        SHARE, True, "highest sensitivity of any threshold that keeps the wanted specificity"
    ),
    "log_loss": MetricSpec("nats", False, "mean negative log-probability of what was true"),
    "brier_score": MetricSpec(
        "squared probability", False, "mean squared gap between probabilities and what was true"
    ),
    "brier_reliability": MetricSpec(
        "squared probability", False, "part of the Brier score that recalibration would remove"
    ),
    "brier_resolution": MetricSpec(
        "squared probability", True, "part of the Brier score that telling items apart removes"
    ),
    "ece_classwise": MetricSpec(
        "probability", False, "expected calibration error of each class's probability, mean over classes"
    ),
    "confidence": MetricSpec("probability", None, "mean probability of the likeliest class"),
    "certainty_inflation": MetricSpec(
        "probability", False, "mean probability of the likeliest class minus how often it is right"
    ),
    "entropy": MetricSpec("nats", None, "mean entropy of the predicted distribution"),
}

PROMISED: Mapping[str, MetricSpec] = {
    "aurc": MetricSpec(
        "risk", False, "mean share of wrong decisions over all shares of cases left to people"
    ),
    "selective_risk": MetricSpec(SHARE, False, "share of wrong decisions among cases not left to people"),
    "deferral_rate": MetricSpec(SHARE, False, "share of cases left to people"),
    "conformal_coverage": MetricSpec(SHARE, True, "share of sets of classes that hold the true one"),
    "conformal_set_size": MetricSpec("classes", False, "mean number of classes in a set"),
}

TARGET = "target"
"""Unit of a number that is predicted, until its task says which."""

REGRESSED: Mapping[str, MetricSpec] = {
    "mae": MetricSpec(TARGET, False, "mean absolute error, in the target's unit"),
    "rmse": MetricSpec(TARGET, False, "root of the mean squared error, in the target's unit"),
    "r2": MetricSpec("share of variance", True, "1 minus squared error over the variance of the target"),
    "mean_error": MetricSpec(TARGET, None, "mean of prediction minus truth, in the target's unit"),
}

SEGMENTED: Mapping[str, MetricSpec] = {
    "dice": MetricSpec("overlap", True, "mean over images of twice the overlap over the sum of both areas"),
    "iou": MetricSpec("overlap", True, "mean over images of the overlap over the union"),
    "hd95_mm": MetricSpec("mm", False, "mean over images of the 95th percentile of surface distances"),
}

TAGGED: Mapping[str, MetricSpec] = {
    "entity_precision": MetricSpec(SHARE, True, "share of marked entities with exact ends and type"),
    "entity_recall": MetricSpec(SHARE, True, "share of entities found with exact ends and type"),
    "entity_f1": MetricSpec("F1", True, "harmonic mean of entity precision and recall"),
}

FAILED: Mapping[str, MetricSpec] = {
    "failure_teacher_lacked_it": MetricSpec(SHARE, None, "share of the failures that the teacher shares"),
    "failure_transfer": MetricSpec(SHARE, None, "share of the failures on what the same student can learn"),
    "failure_capacity": MetricSpec(SHARE, None, "share of the failures on what the student cannot fit"),
    "failure_undecided": MetricSpec(SHARE, None, "share of the failures whose cause no probe tells apart"),
}

BEFORE = "_uncalibrated"
RECALIBRATED = ("ece", "ece_classwise", "log_loss", "brier_score")
"""Figures that are told before a bundle's calibrator, too."""

_ECE = MetricSpec("probability", False, "expected calibration error of the likeliest class")

UNCALIBRATED: Mapping[str, MetricSpec] = {
    f"{name}{BEFORE}": MetricSpec(
        spec.unit, False, f"without the calibrator that the bundle ships: {spec.description}"
    )
    for name in RECALIBRATED
    for spec in [CLASSIFIED.get(name, _ECE)]
}

_LATER: Mapping[str, MetricSpec] = {
    "log_loss": MetricSpec("nats", False, "mean negative log-probability of what was true in later hours"),
    "brier": MetricSpec("squared probability", False, "mean squared gap of risks and truth in later hours"),
    "auroc": MetricSpec("area", True, "chance that a later hour with the event ranks above one without"),
    "risk_error": MetricSpec(
        "probability", False, "mean over patients of |mean risk - observed share| in later hours"
    ),
}
WAYS: Mapping[str, str] = {
    "locked": "the model as exported",
    "personal": "adapted to each patient's first hours behind the guard",
    "unguarded": "adapted to each patient's first hours without the guard",
}

PERSONAL: Mapping[str, MetricSpec] = {
    f"{way}_{name}": MetricSpec(spec.unit, spec.higher_is_better, f"{meaning}: {spec.description}")
    for way, meaning in WAYS.items()
    for name, spec in _LATER.items()
} | {
    f"{way}_{name}_change": MetricSpec(
        spec.unit, spec.higher_is_better, f"{meaning}, minus the locked model: {spec.description}"
    )
    for way, meaning in WAYS.items()
    if way != "locked"
    for name, spec in _LATER.items()
}
"""Of students that are adapted to each patient; `stillroom.validate.personal`."""

PREDICTED: Mapping[str, MetricSpec] = {
    **FAILED,
    **CLASSIFIED,
    **UNCALIBRATED,
    **PROMISED,
    **REGRESSED,
    **SEGMENTED,
    **TAGGED,
    **PERSONAL,
}
"""Measured on every subject by the ``measure_…`` functions; some also by class, label and subgroup."""

CONTRASTED: tuple[tuple[Subject, Subject], ...] = (
    ("teacher", "student_untrained"),
    ("student", "control"),
    ("student", "teacher"),
    ("bundle", "student"),
    ("bundle", "teacher"),
)
"""Who is compared with whom, item by item."""

RETAINABLE = (
    "accuracy",
    "balanced_accuracy",
    "sensitivity",
    "f1",
    "f1_micro",
    "f1_macro",
    "auroc",
    "auprc",
    "dice",
    "iou",
    "entity_f1",
)
"""Figures from 0 upwards whose share of the teacher's is worth telling."""

GAPS = (*RETAINABLE, "log_loss", "brier_score", "mae", "rmse", "r2", "hd95_mm")
"""Figures of which the share of the way to the teacher is told."""


def minus(name: str, other: Subject) -> str:
    """Name a paired difference.

    >>> minus("auroc", "student_untrained")
    'auroc_minus_untrained'
    """
    return f"{name}_minus_{other.removeprefix('student_')}"


FAIR = ("accuracy", "fnr", "fpr", "auroc")
"""Figures that are compared between subgroups."""

_FAIRNESS: Mapping[str, MetricSpec] = {
    name: found
    for figure in FAIR
    for name, found in {
        f"subgroup_gap_{figure}": MetricSpec(
            DIFFERENCE,
            False,
            f"how much worse off a subgroup is than all others: {PREDICTED[figure].description}",
        ),
        f"amplification_{figure}": MetricSpec(
            DIFFERENCE,
            False,
            f"a subgroup's gap minus its gap with the teacher: {PREDICTED[figure].description}",
        ),
    }.items()
}

PREDICTED_COMPARISONS: Mapping[str, MetricSpec] = (
    dict(_FAIRNESS)
    | {
        minus(name, other): MetricSpec(
            spec.unit,
            spec.higher_is_better,
            f"subject minus {other.replace('_', ' ')}, on the same items: {spec.description}",
        )
        for name, spec in {**PREDICTED, "ece": MetricSpec("probability", False, "calibration error")}.items()
        for other in sorted({other for _, other in CONTRASTED})
    }
    | {
        f"{name}_minus{BEFORE}": MetricSpec(
            spec.unit, False, f"with the bundle's calibrator minus without it: {spec.description}"
        )
        for name in RECALIBRATED
        for spec in [CLASSIFIED.get(name, _ECE)]
    }
    | {f"retention_{name}": MetricSpec(RATIO, True, f"{name}: subject / teacher") for name in RETAINABLE}
    | {f"kept_{name}": MetricSpec(RATIO, True, f"{name}: bundle / student") for name in RETAINABLE}
    | {
        f"gap_closed_{name}": MetricSpec(
            RATIO, True, f"{name}: (subject - untrained student) / (teacher - untrained student)"
        )
        for name in GAPS
    }
    | {
        f"control_gap_closed_{name}": MetricSpec(
            RATIO, True, f"{name}: (subject - control) / (teacher - control)"
        )
        for name in GAPS
    }
)
"""Paired differences, shares of the teacher's figure, of the student's, and of the gaps."""
