"""Every figure the room emits: its unit, its direction and what it means."""

from __future__ import annotations

from collections.abc import Mapping

from stillroom.types import Subject
from stillroom.validate.axes import AXES
from stillroom.validate.metric_spec import NATS, RATIO, SHARE, MetricSpec
from stillroom.validate.predicted import PREDICTED, PREDICTED_COMPARISONS

TEXT_OVERLAP = ("rouge1", "rouge2", "rougeL", "bleu")

MEASURED: Mapping[str, MetricSpec] = {
    "perplexity": MetricSpec("", False, "exp of the mean negative log-likelihood of a response token"),
    "log_perplexity": MetricSpec(NATS, False, "mean negative log-likelihood of a response token"),
    "token_accuracy": MetricSpec(SHARE, True, "share of response tokens that the model ranks first"),
    "number_accuracy": MetricSpec(SHARE, True, "share of response tokens of numbers that are ranked first"),
    "unit_accuracy": MetricSpec(SHARE, True, "share of response tokens of units that are ranked first"),
    "negation_accuracy": MetricSpec(
        SHARE, True, "share of response tokens of negations that are ranked first"
    ),
    "laterality_accuracy": MetricSpec(
        SHARE, True, "share of response tokens of sides (left, right, both) that are ranked first"
    ),
    "ece": MetricSpec("probability", False, "expected calibration error over bins of equal mass"),
    "ece_equal_width": MetricSpec(
        "probability", False, "expected calibration error over bins of equal width (Guo et al. 2017)"
    ),
    "brier": MetricSpec(
        "squared probability", False, "mean squared gap between top-1 confidence and being right"
    ),
    "kl_to_teacher": MetricSpec(NATS, False, "mean KL(teacher‖subject) over response tokens"),
    "top1_agreement": MetricSpec(SHARE, True, "share of response tokens with the teacher's first choice"),
    "top5_overlap": MetricSpec(SHARE, True, "mean share of the teacher's five first choices kept"),
    "kl_to_student": MetricSpec(NATS, False, "mean KL(student‖bundle): what compression and export changed"),
    "top1_agreement_with_student": MetricSpec(
        SHARE, True, "share of response tokens on which bundle and student choose the same"
    ),
    "top5_overlap_with_student": MetricSpec(
        SHARE, True, "mean share of the student's five first choices kept"
    ),
    "choice_accuracy": MetricSpec(
        SHARE, True, "multiple-choice items answered right by length-normalised log-likelihood"
    ),
    "choice_above_chance": MetricSpec("difference", True, "multiple-choice accuracy minus that of guessing"),
    "rouge1": MetricSpec("F1", True, "ROUGE-1 F1 of generated responses"),
    "rouge2": MetricSpec("F1", True, "ROUGE-2 F1 of generated responses"),
    "rougeL": MetricSpec("F1", True, "ROUGE-L F1 of generated responses"),
    "bleu": MetricSpec("0-100", True, "corpus BLEU of generated responses"),
    "bleu1": MetricSpec("0-100", True, "corpus BLEU of generated responses, unigrams only"),
    "exact_match": MetricSpec(SHARE, True, "generated responses equal to the reference, case ignored"),
}
"""Measured on every subject by ``evaluate``."""

EFFICIENCY: Mapping[str, MetricSpec] = {
    "parameters": MetricSpec("parameters", False, "number of weights, tied weights counted once"),
    "bytes_on_disk": MetricSpec("bytes", False, "size of the weights on disk"),
    "latency_ms": MetricSpec("ms", False, "median time of a whole answer or prediction, batch 1"),
    "latency_ms_p95": MetricSpec(
        "ms", False, "time of an answer or prediction that 95 of 100 stay below, batch 1"
    ),
    "prefill_ms": MetricSpec("ms", False, "median time to read a prompt, batch 1"),
    "prefill_ms_p95": MetricSpec("ms", False, "time to read a prompt that 95 of 100 stay below, batch 1"),
    "prefill_ms_p99": MetricSpec("ms", False, "time to read a prompt that 99 of 100 stay below, batch 1"),
    "token_ms": MetricSpec("ms", False, "median time to write a token after the first, batch 1"),
    "token_ms_p95": MetricSpec("ms", False, "time to write a token that 95 of 100 stay below, batch 1"),
    "token_ms_p99": MetricSpec("ms", False, "time to write a token that 99 of 100 stay below, batch 1"),
    "decode_tokens_per_second": MetricSpec("tokens/s", True, "median greedy decoding speed, batch 1"),
    "throughput_batch1": MetricSpec(
        "tokens/s", True, "tokens a second, reading included, one answer at a time"
    ),
    "throughput_batch8": MetricSpec(
        "tokens/s", True, "tokens a second, reading included, eight answers at once"
    ),
    "prefill_flops": MetricSpec(
        "FLOP", False, "floating-point operations to read a prompt, counted from the shape"
    ),
    "token_flops": MetricSpec("FLOP", False, "floating-point operations to write a token after it, counted"),
    "answer_ms": MetricSpec("ms", False, "median time to answer one case on one core"),
    "answer_ms_p95": MetricSpec(
        "ms", False, "time to answer one case that 95 of 100 stay below, on one core"
    ),
    "answer_ms_p99": MetricSpec(
        "ms", False, "time to answer one case that 99 of 100 stay below, on one core"
    ),
    "peak_memory_bytes": MetricSpec("bytes", False, "peak resident memory of the process that runs it"),
    "answer_joules": MetricSpec(
        "J", False, "energy of an answer; the facts say whether measured or estimated"
    ),
    "answer_co2_mg": MetricSpec(
        "mg", False, "carbon dioxide of an answer, by the intensity of the grid in the facts"
    ),
    "making_joules": MetricSpec(
        "J", False, "energy of making it: adapting the teacher, or distilling and exporting"
    ),
    "making_co2_g": MetricSpec("g", False, "carbon dioxide of making it"),
    "break_even_answers": MetricSpec(
        "",
        False,
        "answers after which the energy of the distillation is saved: E_distil / (E_teacher - E_student)",
    ),
}
"""Measured by the caller and added with ``exact``, ``median`` or ``quantile``."""

PRIVACY_BUDGET: Mapping[str, MetricSpec] = {
    "epsilon": MetricSpec(
        "",
        False,
        "privacy budget ε of the training, of a patient, at the δ of its record; less is more private",
    ),
}
"""Added with ``exact`` by who trained with differential privacy and recorded it; of other trainings there is none."""

FIDELITY: Mapping[Subject, tuple[str, str, str]] = {
    "teacher": ("kl_to_teacher", "top1_agreement", "top5_overlap"),
    "student": ("kl_to_student", "top1_agreement_with_student", "top5_overlap_with_student"),
}
"""Closeness to a reference: divergence, agreement, overlap."""

PAIRED = tuple(
    name
    for name in MEASURED
    if name not in {"perplexity", "choice_above_chance"} and name not in FIDELITY["student"]
)

CONTRASTS: Mapping[Subject, Subject] = {
    "teacher": "student_untrained",
    "student": "control",
    "bundle": "student",
}
"""Whom a subject is compared with, item by item."""


def difference(name: str, subject: Subject) -> str:
    """Name the paired difference of a subject.

    >>> difference("log_perplexity", "teacher"), difference("ece", "student")
    ('log_perplexity_minus_untrained', 'ece_minus_control')
    """
    return f"{name}_minus_{CONTRASTS[subject].removeprefix('student_')}"


DIFFERENCES: Mapping[str, MetricSpec] = {
    difference(name, subject): MetricSpec(
        MEASURED[name].unit,
        MEASURED[name].higher_is_better,
        f"{subject} minus {other.replace('_', ' ')}, on the same items: {MEASURED[name].description}",
    )
    for name in PAIRED
    for subject, other in CONTRASTS.items()
    if not (subject == "teacher" and name in FIDELITY["teacher"])
}
"""Paired differences: teacher − untrained student, student − control, bundle − student."""

RETAINED = ("token_accuracy", "choice_accuracy", "choice_above_chance", *TEXT_OVERLAP)
KEPT = ("token_accuracy", "choice_accuracy")
GAPS = ("log_perplexity", "token_accuracy", "choice_accuracy", *TEXT_OVERLAP)

RETENTION: Mapping[str, MetricSpec] = (
    {f"retention_{name}": MetricSpec(RATIO, True, f"{name}: subject / teacher") for name in RETAINED}
    | {f"kept_{name}": MetricSpec(RATIO, True, f"{name}: bundle / student") for name in KEPT}
    | {
        "retention_choice_mean_of_ratios": MetricSpec(
            RATIO, True, "mean over kinds of multiple-choice accuracy: subject / teacher"
        ),
        "retention_choice_ratio_of_means": MetricSpec(
            RATIO, True, "multiple-choice accuracy averaged over kinds: subject / teacher"
        ),
    }
    | {
        f"gap_closed_{name}": MetricSpec(
            RATIO, True, f"{name}: (subject - untrained student) / (teacher - untrained student)"
        )
        for name in GAPS
    }
    | {
        "control_gap_closed_log_perplexity": MetricSpec(
            RATIO, True, "log_perplexity: (control - subject) / (control - teacher)"
        )
    }
)
"""How much of the teacher is kept: plain ratios and shares of the gap, never one flattering number."""

METRICS: Mapping[str, MetricSpec] = {
    **MEASURED,
    **EFFICIENCY,
    **PRIVACY_BUDGET,
    **PREDICTED,
    **PREDICTED_COMPARISONS,
    **DIFFERENCES,
    **RETENTION,
    **AXES,
}
"""All of them. A part of the split adds ``/kind``, ``/specialty:name``, ``/class:name`` or ``/subgroup:value``."""


_OF_SUBGROUPS = ("subgroup_gap_", "amplification_")

COMPARISONS = frozenset(
    name for name in (*DIFFERENCES, *RETENTION, *PREDICTED_COMPARISONS) if not name.startswith(_OF_SUBGROUPS)
)
"""Figures that set one subject of a run beside another: differences, ratios, shares of gaps."""


def spec(name: str) -> MetricSpec:
    """Look up a metric, with or without its part.

    >>> spec("perplexity/definition").higher_is_better
    False

    Raises:
        KeyError: the name is not in ``METRICS``.
    """
    return METRICS[name.partition("/")[0]]
