"""The model card: what travels with the bundle, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from stillroom.report import tables
from stillroom.report.context import ReportContext
from stillroom.report.figures import Figures
from stillroom.report.format import gibibytes, seconds
from stillroom.report.names import SUBJECT_NAMES, SUBJECT_NOTES, VERDICT_NAMES, metric_name
from stillroom.report.summary import summary_rows
from stillroom.report.verdict import STATEMENT, gates_in_words, headline, never_shown
from stillroom.types import Evidence


def model_card(evidence: Evidence, context: ReportContext) -> str:
    """Write the model card.

    Args:
        evidence: what was measured; every measured number of the card is one of its numbers.
        context: where it comes from.

    Returns:
        Markdown: intended use, lineage, licences passed on, data, training, figures of all subjects with intervals,
        gates, limits, provenance and how to run it.
    """
    figures = Figures(evidence)
    sections = {
        "Intended use": _use(context),
        "What the evidence says": f"{headline(figures)[1]} {gates_in_words(figures)}",
        "Model": _model(context),
        "Licences": _licences(context),
        "Data": _data(context),
        "Figures on the test split": _figures(evidence),
        "Gates": _gates(evidence),
        "Limits": _bullets([*context.limits, *never_shown(figures)]),
        "How to run it": f"```\n{context.usage.strip()}\n```" if context.usage else "",
        "Provenance": _provenance(context),
    }
    body = "\n\n".join(f"## {title}\n\n{text}" for title, text in sections.items() if text)
    return f"# {context.title}\n\n{context.description}\n\n> {STATEMENT}\n\n{body}\n"


def _use(context: ReportContext) -> str:
    return (
        "Research on knowledge distillation, and assistive tools whose every output a clinician reads and decides "
        f"on, within the tasks of the corpus {context.corpus['name']!r}.\n\n"
        "**Out of scope:** diagnosis, triage, treatment or dosing without a clinician; patients' own use; languages "
        "and tasks outside the corpus; use as a reference work."
    )


def _model(context: ReportContext) -> str:
    ancestors = [f"{source.name} {source.version} ({source.licence})" for source in context.models]
    descent = f"\n\nDescends from:\n\n{_bullets(ancestors)}" if ancestors else ""
    return f"Student: {context.student}.{descent}"


def _licences(context: ReportContext) -> str:
    head = ["Name", "Role", "Version", "Licence", "Source"]
    named = tables.sources(context)
    rows = [
        [source.name, role, source.version, source.licence, f"{source.citation} {source.url}".strip()]
        for role, source in named
    ]
    terms = [f"**{term}**: {', '.join(names)}" for term, names in tables.terms(named).items()]
    told = f"\n\nWhat they ask beyond attribution:\n\n{_bullets(terms)}" if terms else ""
    return f"The licences of all of these apply to the bundle.\n\n{_table([head, *rows], align=':---')}{told}"


def _data(context: ReportContext) -> str:
    manifest = context.corpus
    splits = list(manifest["items"])
    rows = [
        [kind, *(f"{items.get(split, 0):,}" for split in splits)]
        for kind, items in tables.corpus_rows(manifest)
    ]
    total = ["all items", *(f"{manifest['items'][split]:,}" for split in splits)]
    rule = f"Split {manifest['split_rule']}.\n\n" if manifest.get("split_rule") else ""
    return f"{rule}{_table([['Kind', *splits], *rows, total])}"


def _figures(evidence: Evidence) -> str:
    subjects = _bullets(f"**{SUBJECT_NAMES[subject]}**: {note}" for subject, note in SUBJECT_NOTES.items())
    facts = {**(evidence.facts or {})}
    how = [
        str(facts[name])
        for name in ("interval", "decoding", "rouge_settings", "bleu_settings")
        if name in facts
    ]
    return f"{subjects}\n\n{_table(summary_rows(evidence, intervals=True))}\n\n{'. '.join(how)}."


def _gates(evidence: Evidence) -> str:
    return _bullets(
        f"{gate.name} ({metric_name(gate.metric)}, {SUBJECT_NAMES[gate.subject]}): **{VERDICT_NAMES[gate.verdict]}**"
        + (f" ({gate.note})" if gate.note else "")
        for gate in evidence.gates
    )


def _provenance(context: ReportContext) -> str:
    machine = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in context.machine.items())
    stages = [[stage.name, seconds(stage.seconds), f"`{stage.fingerprint}`"] for stage in context.stages]
    return (
        f"Recipe `{context.recipe_fingerprint}`; corpus `{context.corpus['fingerprint']}`. The run took "
        f"{seconds(context.seconds)} and at most {gibibytes(context.peak_memory_bytes)} of memory on: {machine}.\n\n"
        + _table([["Stage", "Time", "SHA-256"], *stages], align=":---")
    )


def _table(rows: Sequence[Sequence[str]], align: str = "---:") -> str:
    head, *body = ([_cell(text) for text in row] for row in rows)
    rule = [":---", *[align] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *body))


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
