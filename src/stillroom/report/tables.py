"""The report's tables as plain rows: what stands in them, in which order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stillroom.report.context import ReportContext
from stillroom.report.figures import Figures
from stillroom.report.names import MAIN, METRIC_NAMES, metric_name, part_name, retained_name
from stillroom.report.predicted_names import PREDICTED_GROUPS
from stillroom.report.verdict import Standing, standing
from stillroom.types import SUBJECTS, Metric, Source, Subject
from stillroom.validate.metrics import RETENTION
from stillroom.validate.predicted import PREDICTED_COMPARISONS

_GROUPS: Mapping[str, tuple[str, ...]] = {
    "Likelihood": ("perplexity", "log_perplexity", "token_accuracy"),
    "Words that must be right": (
        "number_accuracy",
        "unit_accuracy",
        "negation_accuracy",
        "laterality_accuracy",
    ),
    "Closeness to the teacher": ("kl_to_teacher", "top1_agreement", "top5_overlap"),
    "Closeness of the bundle to the student": (
        "kl_to_student",
        "top1_agreement_with_student",
        "top5_overlap_with_student",
    ),
    "Multiple choice": ("choice_accuracy", "choice_above_chance"),
    "Free answers": ("rouge1", "rouge2", "rougeL", "bleu", "bleu1", "exact_match"),
    "Calibration": ("ece", "ece_equal_width", "brier"),
    "Privacy": ("epsilon",),
    "Size and speed": (
        "parameters",
        "bytes_on_disk",
        "peak_memory_bytes",
        "latency_ms",
        "latency_ms_p95",
        "prefill_ms",
        "prefill_ms_p95",
        "prefill_ms_p99",
        "token_ms",
        "token_ms_p95",
        "token_ms_p99",
        "decode_tokens_per_second",
        "throughput_batch1",
        "throughput_batch8",
        "prefill_flops",
        "token_flops",
    ),
    "Energy and carbon": (
        "answer_joules",
        "answer_co2_mg",
        "making_joules",
        "making_co2_g",
        "break_even_answers",
    ),
}


_RETAINED = (*RETENTION, *PREDICTED_COMPARISONS)

_SHARES: Mapping[str, str] = {
    "Share of the gap from control to teacher": "control_gap_closed_",
    "Share of the gap from untrained student to teacher": "gap_closed_",
    "Share of the teacher's score": "retention_",
    "Share of the student's score": "kept_",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table: its head and a metric, or none, for each column."""

    head: str
    metrics: tuple[Metric | None, ...]

    @property
    def better(self) -> str:
        """An arrow in the direction of better."""
        directions = {metric.higher_is_better for metric in self.metrics if metric}
        return "↑" if directions == {True} else "↓" if directions == {False} else ""


@dataclass(frozen=True, slots=True)
class Difference:
    """A paired difference and what it means."""

    head: str
    metric: Metric
    standing: Standing


def all_figures(figures: Figures) -> dict[str, list[Row]]:
    """Every measured figure of all subjects, in groups; those of a classifier where the model was measured as one."""
    told = {name for names in _GROUPS.values() for name in names}
    classified = {
        f"Classification: {group.lower()}": tuple(name for name in names if name not in told)
        for group, names in PREDICTED_GROUPS.items()
    }
    return grouped(figures, {**_GROUPS, **classified})


def grouped(figures: Figures, groups: Mapping[str, Sequence[str]]) -> dict[str, list[Row]]:
    """Figures of all subjects under the heads of groups; what was not measured is left out."""
    found = {
        group: [_row(figures, metric_name(name), name) for name in figures.measured(names)]
        for group, names in groups.items()
    }
    return {group: rows for group, rows in found.items() if rows}


def retained(figures: Figures, subjects: Iterable[Subject]) -> dict[str, list[Row]]:
    """Shares of the gaps and ratios to the teacher, overall."""
    columns = tuple(subjects)
    groups = {
        group: [
            _row(figures, retained_name(name), name, columns)
            for name in figures.measured((name for name in _RETAINED if name.startswith(prefix)), columns)
        ]
        for group, prefix in _SHARES.items()
    }
    return {group: rows for group, rows in groups.items() if rows}


def differences(figures: Figures, subject: Subject, other: str) -> list[Difference]:
    """Paired differences of a subject, overall."""
    found = (figures.get(f"{name}_minus_{other}", subject) for name in METRIC_NAMES)
    return [Difference(metric_name(metric.name), metric, standing(metric)) for metric in found if metric]


def by_kind(figures: Figures) -> dict[str, list[Row]]:
    """The main figures of each kind of task."""
    return {
        part_name(f"/{kind}"): [
            _row(figures, metric_name(name), f"{name}/{kind}")
            for name in MAIN
            if any(figures.row(f"{name}/{kind}"))
        ]
        for kind in figures.parts["kinds"]
    }


def by_specialty(figures: Figures, name: str) -> list[Row]:
    """One figure by specialty, the best covered first."""
    rows = [
        _row(figures, part_name(f"{name}/{part}"), f"{name}/{part}")
        for part in figures.parts["specialties"]
        if any(figures.row(f"{name}/{part}"))
    ]
    return sorted(rows, key=lambda row: (-units(row), row.head))


def without(figures: Figures, name: str) -> list[str]:
    """Specialties for which a figure has no bounds, or was not measured."""
    return [
        part_name(f"/{part}")
        for part in figures.parts["specialties"]
        if not any(figures.row(f"{name}/{part}"))
    ]


def units(row: Row) -> int:
    """Number of independent units behind a row."""
    return max((metric.n for metric in row.metrics if metric), default=0)


def corpus_rows(manifest: Mapping[str, Any]) -> list[tuple[str, dict[str, int]]]:
    """Items of each kind and split, from the corpus' manifest."""
    kinds: dict[str, dict[str, int]] = {}
    for line in manifest.get("counts", ()):
        row = kinds.setdefault(str(line["kind"]), {})
        row[str(line["split"])] = row.get(str(line["split"]), 0) + int(line["items"])
    return sorted(kinds.items())


def sources(context: ReportContext) -> list[tuple[str, Source]]:
    """Everything the student descends from, with its role."""
    data = [Source.from_dict(source) for source in context.corpus.get("sources", ())]
    return [*(("model", source) for source in context.models), *(("data", source) for source in data)]


def terms(named: Iterable[tuple[str, Source]]) -> dict[str, list[str]]:
    """What licences ask beyond attribution, and the names of those that ask it."""
    asked: dict[str, list[str]] = {}
    for _, source in named:
        for term in source.terms:
            asked.setdefault(term, []).append(source.name)
    return dict(sorted(asked.items()))


def _row(figures: Figures, head: str, name: str, subjects: Sequence[Subject] = SUBJECTS) -> Row:
    return Row(head, tuple(figures.row(name, subjects)))
