"""The report of a task that is no language model: what the page shows, in which order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from stillroom.report import axes, charts, intervals, marks, names, tables, verdict
from stillroom.report.context import ReportContext
from stillroom.report.figures import Figures
from stillroom.report.format import below
from stillroom.report.marks import interval, number
from stillroom.report.predicted_names import PREDICTED_GROUPS, PREDICTED_SUMMARY
from stillroom.report.tables import Row
from stillroom.report.verdict import Claim
from stillroom.types import SUBJECTS, Evidence, Metric, Subject

_COLUMNS: tuple[Subject, ...] = ("student_untrained", "control", "student", "bundle")
_TRAINED: tuple[Subject, ...] = ("control", "student", "bundle")
_CURVES = ("roc", "net_benefit")
_LOSSES = ("training loss of the task", "validation loss of the task")
_ANSWERS = {
    "shown": "Distillation helps.",
    "open": "Whether distillation helps is open.",
    "against": "Distillation does harm.",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A subgroup or a class, with the main figures of all subjects."""

    title: str
    rows: tuple[Row, ...]


def contents(evidence: Evidence, context: ReportContext) -> dict[str, Any]:
    """Everything that the page's template reads, beside the evidence and the context."""
    known = Figures(evidence)
    primary = str((evidence.facts or {}).get("primary", "auroc"))
    standing, sentence = verdict.headline(known)
    return {
        "figures": known,
        "primary": primary,
        "standing": standing,
        "headline": sentence,
        "claims": _claims(known, primary),
        "gates_in_words": verdict.gates_in_words(known),
        "worst_gate": verdict.worst_gate(known),
        "statement": verdict.STATEMENT,
        "never_shown": verdict.never_shown(known),
        "panels": intervals.panels(known, PREDICTED_SUMMARY),
        "retained": tables.retained(known, _COLUMNS),
        "retained_columns": _COLUMNS,
        "all_figures": tables.grouped(known, PREDICTED_GROUPS),
        "against_control": tables.differences(known, "student", "control"),
        "against_teacher": tables.differences(known, "bundle", "teacher"),
        "against_student": tables.differences(known, "bundle", "student"),
        "seeds": _seeds(known, primary),
        "trained": _TRAINED,
        "parts": _parts(known),
        "axes": axes.sections(known),
        "recalibrated": _recalibrated(known),
        "reliability": charts.reliability(evidence),
        "curves": charts.lines(evidence, _CURVES),
        "losses": charts.lines(evidence, _LOSSES),
        "corpus_rows": tables.corpus_rows(context.corpus),
        "sources": tables.sources(context),
        "terms": tables.terms(tables.sources(context)),
        "SUBJECTS": SUBJECTS,
    }


def _claims(figures: Figures, primary: str) -> list[Claim]:
    return [
        claim
        for claim in (
            _claim(figures, primary, "student", "control", _ANSWERS),
            _as_exported(figures),
            _in_eight_bits(figures),
        )
        if claim
    ]


def _claim(
    figures: Figures, primary: str, subject: Subject, other: Subject, answers: Mapping[str, str]
) -> Claim | None:
    difference = figures.get(f"{primary}_minus_{other}", subject)
    mine, theirs = figures.get(primary, subject), figures.get(primary, other)
    if not (difference and mine and theirs):
        return None
    found = verdict.standing(difference)
    text = Markup("<b>{}</b> {} of the {} {}, of the {} {}; paired difference {} ({}).")
    told = (names.metric_name(primary), subject, number(mine), other, number(theirs))
    return Claim(found, text.format(answers[found], *told, number(difference), interval(difference)))


def _as_exported(figures: Figures) -> Claim | None:
    largest = (figures.evidence.facts or {}).get("bundle_largest_difference")
    if largest is None:
        return None
    text = Markup(
        "<b>What was exported is what was measured.</b> In its final runtime the bundle's answers are those of the "
        "student to less than {}."
    )
    return Claim("shown", text.format(marks.fact("bundle_largest_difference", below(float(largest)))))


def _in_eight_bits(figures: Figures) -> Claim | None:
    facts = figures.evidence.facts or {}
    if "int8_verdict" not in facts:
        return None
    kept = facts["int8_verdict"] == "kept"
    answers = {
        True: "In eight bits it decides as before, and is published so.",
        False: "In eight bits it does not decide as before, so it stays in float32.",
    }
    pairs = [
        marks.fact(name, facts[name])
        for what in ("answer_ms", "bytes")
        for name in (f"int8_{what}_float32", f"int8_{what}_int8")
    ]
    changes = [
        Markup("{} {}").format(name.partition("/")[2], marks.fact(name, change))
        for name, change in facts.items()
        if name.startswith("int8_recall_change/")
    ]
    text = Markup(
        "<b>{}</b> One answer {} ms before, {} ms after; {} bytes before, {} after. Change in recall: {}."
    )
    return Claim(
        "shown" if kept else "against", text.format(answers[kept], *pairs, Markup("; ").join(changes))
    )


def _recalibrated(figures: Figures) -> list[Markup]:
    """What the bundle's calibrator changed, a sentence for each figure."""
    text = Markup("{}, bundle: {} before its calibrator was applied, {} after; paired difference {} ({}).")
    return [
        text.format(names.metric_name(name), number(before), number(after), number(apart), interval(apart))
        for name in ("ece", "ece_classwise", "log_loss")
        if (before := figures.get(f"{name}_uncalibrated", "bundle"))
        and (after := figures.get(name, "bundle"))
        and (apart := figures.get(f"{name}_minus_uncalibrated", "bundle"))
    ]


def _seeds(figures: Figures, primary: str) -> list[Row]:
    """The primary figure of each training by itself."""
    parts = [part for part in figures.under(primary, "student") if part.startswith("seed:")]
    return [
        Row(part.replace(":", " "), tuple(figures.get(f"{primary}/{part}", who) for who in _TRAINED))
        for part in parts
    ]


def _parts(figures: Figures) -> list[Part]:
    """Main figures and misses of each subgroup and class; a part of a class has no figures of its own here."""
    shown = (*PREDICTED_SUMMARY, "sensitivity_likeliest", "sensitivity", "fnr")
    wanted = [part for part in figures.parts["kinds"] if not part.startswith("seed:") and "," not in part]
    made = (
        (part, [Row(names.metric_name(name), _row(figures, f"{name}/{part}")) for name in shown])
        for part in wanted
    )
    return [
        Part(names.part_name(f"/{part}"), kept)
        for part, rows in made
        if (kept := tuple(row for row in rows if any(row.metrics)))
    ]


def _row(figures: Figures, name: str) -> tuple[Metric | None, ...]:
    return tuple(figures.row(name))
