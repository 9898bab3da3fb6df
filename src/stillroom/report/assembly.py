"""Evidence and context put into the page's template."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from stillroom.report import (
    axes,
    cases,
    charts,
    comparison,
    cost,
    fairness,
    figures,
    format,
    intervals,
    marks,
    names,
    robustness,
    tables,
    verdict,
)
from stillroom.report.comparison import ComparedRun
from stillroom.report.context import ReportContext
from stillroom.types import SUBJECTS, Evidence, Subject
from stillroom.validate.between import Comparison

_COLUMNS: tuple[Subject, ...] = ("student_untrained", "control", "student", "bundle")
_BY_SPECIALTY = (
    "perplexity",
    "choice_accuracy",
    "control_gap_closed_log_perplexity",
    "retention_token_accuracy",
)


def assemble(evidence: Evidence, context: ReportContext) -> str:
    """Fill the template."""
    template = _environment().get_template("report.html.jinja")
    return template.render(context=context, evidence=evidence, **_contents(evidence, context))


def assemble_cases(evidence: Evidence, context: ReportContext) -> str:
    """Fill the template of a task that is no language model."""
    template = _environment().get_template("cases.html.jinja")
    return template.render(context=context, evidence=evidence, **cases.contents(evidence, context))


def assemble_comparison(first: ComparedRun, second: ComparedRun, compared: Comparison) -> str:
    """Fill the template of two runs."""
    template = _environment().get_template("comparison.html.jinja")
    return template.render(**comparison.contents(first, second, compared))


def assemble_suite(**contents: Any) -> str:
    """Fill the template of methods on tasks."""
    return _environment().get_template("suite.html.jinja").render(**contents)


def _contents(evidence: Evidence, context: ReportContext) -> dict[str, Any]:
    known = figures.Figures(evidence)
    standing, sentence = verdict.headline(known)
    return {
        "figures": known,
        "standing": standing,
        "headline": sentence,
        "claims": verdict.claims(known),
        "gates_in_words": verdict.gates_in_words(known),
        "worst_gate": verdict.worst_gate(known),
        "statement": verdict.STATEMENT,
        "never_shown": verdict.never_shown(known),
        "panels": intervals.panels(known, names.MAIN),
        "retained": tables.retained(known, _COLUMNS),
        "retained_columns": _COLUMNS,
        "all_figures": tables.all_figures(known),
        "against_control": tables.differences(known, "student", "control"),
        "against_student": tables.differences(known, "bundle", "student"),
        "by_kind": tables.by_kind(known),
        "specialties": {name: tables.by_specialty(known, name) for name in _BY_SPECIALTY},
        "specialties_without": {name: tables.without(known, name) for name in _BY_SPECIALTY},
        "fairness": fairness.comparisons(known),
        "fairness_small": (evidence.facts or {}).get("fairness_small_units", marks.SMALL_N),
        "hardness": robustness.hardness(known),
        "noticed": robustness.noticed(known),
        "axes": axes.sections(known),
        "reliability": charts.reliability(evidence),
        "losses": charts.losses(evidence),
        "trade_offs": [
            drawn
            for cost in ("bytes_on_disk", "prefill_ms", "decode_tokens_per_second")
            if (drawn := charts.trade_off(known, cost)) is not None
        ],
        "cost_sentences": cost.cost_sentences(known),
        "corpus_rows": tables.corpus_rows(context.corpus),
        "sources": tables.sources(context),
        "terms": tables.terms(tables.sources(context)),
    }


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("stillroom.report"),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        SUBJECTS=SUBJECTS,
        SMALL_N=marks.SMALL_N,
        SUBJECT_NAMES=names.SUBJECT_NAMES,
        SUBJECT_NOTES=names.SUBJECT_NOTES,
        VERDICT_NAMES=names.VERDICT_NAMES,
        metric_name=names.metric_name,
        part_name=names.part_name,
        cell=marks.cell,
        counted=marks.counted,
        interval=marks.interval,
        number=marks.number,
        gate_number=marks.gate_number,
        fact=marks.fact,
        fairness_picture=fairness.picture,
        fairness_sentence=fairness.sentence,
        hardness_picture=robustness.hardness_picture,
        hardness_sentence=robustness.hardness_sentence,
        difference_bar=charts.difference_bar,
        units=tables.units,
        seconds=format.seconds,
        gibibytes=format.gibibytes,
        significant=format.significant,
        style=(files("stillroom.report") / "templates" / "report.css").read_text(encoding="utf-8"),
    )
    return environment
