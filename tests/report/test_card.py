"""The model card tells use, lineage, licences, figures of all subjects and limits."""

from __future__ import annotations

from dataclasses import replace

from stillroom.report import ReportContext, model_card
from stillroom.report.verdict import NEVER_SHOWN, STATEMENT
from stillroom.types import Evidence


def section(card: str, title: str) -> str:
    return card.partition(f"## {title}\n")[2].partition("\n## ")[0]


def test_opens_with_the_statement_of_use(evidence: Evidence, context: ReportContext) -> None:
    card = model_card(evidence, context)
    assert card.startswith("# quickstart\n")
    assert card.index(STATEMENT) < card.index("\n## ")
    assert "**Out of scope:** diagnosis" in section(card, "Intended use")


def test_passes_on_every_licence(evidence: Evidence, context: ReportContext) -> None:
    licences = section(model_card(evidence, context), "Licences")
    assert "| SmolLM2-135M-Instruct | model | 1.7 | Apache-2.0 |" in licences
    assert "| Human Phenotype Ontology | data | 2024-04-26 | HPO licence |" in licences


def test_names_those_whose_licence_asks_more_than_attribution(
    evidence: Evidence, context: ReportContext
) -> None:
    told = section(model_card(evidence, context), "Licences")
    assert "What they ask beyond attribution" not in told
    (data,) = context.corpus["sources"]
    corpus = {**context.corpus, "sources": [{**data, "terms": ["share-alike"]}, {**data, "name": "Other"}]}
    told = section(model_card(evidence, replace(context, corpus=corpus)), "Licences")
    assert told.endswith("What they ask beyond attribution:\n\n- **share-alike**: Human Phenotype Ontology\n")


def test_shows_all_subjects_with_intervals(evidence: Evidence, context: ReportContext) -> None:
    figures = section(model_card(evidence, context), "Figures on the test split")
    assert "| Perplexity | 7.42 (6.97 to 7.87) | 2.81 million" in figures
    assert "| 25.5 (24.0 to 27.0) |" in figures
    assert "greedy, at most 64 new tokens" in figures


def test_tells_gates_limits_and_what_is_never_shown(evidence: Evidence, context: ReportContext) -> None:
    card = model_card(evidence, context)
    assert "- Fits the ward's machine (Size on disk, Bundle): **failed**" in section(card, "Gates")
    for limit in (*context.limits, *NEVER_SHOWN):
        assert limit in section(card, "Limits")


def test_counts_of_the_corpus_are_those_of_its_manifest(evidence: Evidence, context: ReportContext) -> None:
    data = section(model_card(evidence, context), "Data")
    assert "| definition | 6,000 | 200 | 400 |" in data
    assert "| all items | 10,000 | 400 | 800 |" in data


def test_hashes_lead_back_to_the_run(evidence: Evidence, context: ReportContext) -> None:
    provenance = section(model_card(evidence, context), "Provenance")
    assert context.recipe_fingerprint in provenance
    assert context.stages[-1].fingerprint in provenance


def test_a_bar_in_a_name_does_not_break_the_table(evidence: Evidence, context: ReportContext) -> None:
    source = replace(context.models[0], name="a|b")
    assert "| a\\|b | model |" in model_card(evidence, replace(context, models=(source,)))


def test_empty_sections_are_left_out(context: ReportContext) -> None:
    card = model_card(Evidence(()), replace(context, usage=""))
    assert "## Gates" not in card
    assert "## How to run it" not in card
