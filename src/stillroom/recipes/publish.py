"""What people open: the report, the model card, the evidence, and the bundle with its card."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from stillroom.data.store import manifest as corpus_manifest
from stillroom.export import Bundle
from stillroom.models import LanguageModel
from stillroom.models.decoder import depth
from stillroom.recipes.loading import to_yaml
from stillroom.recipes.machine import machine, versions
from stillroom.recipes.schema import Recipe
from stillroom.recipes.stages import Stage
from stillroom.report import ReportContext, model_card, render
from stillroom.report.context import StageFacts
from stillroom.types import Corpus, Evidence
from stillroom.types.files import fingerprint, write_json, write_text
from stillroom.validate import VERDICT_FILE, verdict_document
from stillroom.validate.axes import FAIRNESS, ROBUSTNESS

LIMITS = (
    "Research and assistive software for use under a clinician; never an autonomous diagnosis.",
    "The evidence speaks of this corpus alone: definitions, terms and four-way choices made from an ontology, "
    "not clinical notes, patients or free conversation.",
    "Perplexity, overlap and multiple choice measure agreement with reference texts, not clinical correctness.",
    "The student can state false things fluently; its answers must be checked by someone who knows.",
    "One seed, one split: the intervals cover the choice of test items, not the luck of the training.",
)

_AXES: Mapping[str, Collection[str]] = {"fairness": FAIRNESS, "privacy": (), "robustness": ROBUSTNESS}


def publish(
    recipe: Recipe,
    run_dir: Path,
    stages: Sequence[Stage],
    evidence: Evidence,
    corpus: Corpus,
    student: LanguageModel,
    bundle: Bundle,
) -> None:
    """Write ``evidence.json``, ``report.html``, ``model_card.md`` and ``bundle/`` into the run's folder.

    The published bundle is the measured one plus its card and its verdict: the weights are the same files.
    """
    told = replace(evidence, facts={**(evidence.facts or {}), **_run_facts(stages)})
    context = _context(recipe, stages, corpus, student, evidence)
    card = model_card(told, context)
    write_json(run_dir / "evidence.json", told.to_dict())
    render(told, context).save(run_dir / "report.html")
    write_text(run_dir / "model_card.md", card)
    documents = {
        "model_card.md": card,
        "recipe.yaml": to_yaml(recipe),
        VERDICT_FILE: json.dumps(verdict_document(told), indent=2, ensure_ascii=False) + "\n",
    }
    bundle.with_documents(documents, run_dir / "bundle")


def unmeasured(evidence: Evidence) -> tuple[str, ...]:
    """Name the axes that were not measured, in a sentence; nothing where all were.

    >>> unmeasured(Evidence(metrics=()))
    ('Not measured: fairness, privacy and robustness.',)
    """
    names = {metric.name.partition("/")[0] for metric in evidence.metrics}
    left = [axis for axis, figures in _AXES.items() if not names & set(figures)]
    told = f"{', '.join(left[:-1])} and {left[-1]}" if len(left) > 1 else "".join(left)
    return (f"Not measured: {told}.",) if told else ()


def _run_facts(stages: Sequence[Stage]) -> dict[str, float]:
    facts: dict[str, float] = {
        "run_seconds": round(sum(stage.record.seconds for stage in stages), 1),
        "run_peak_memory_bytes": max(stage.record.peak_memory_bytes for stage in stages),
    }
    for stage in stages:
        facts |= {
            f"{stage.name}_{name}": fact
            for name, fact in stage.facts.items()
            if isinstance(fact, int | float)
        }
    return facts


def _context(
    recipe: Recipe, stages: Sequence[Stage], corpus: Corpus, student: LanguageModel, evidence: Evidence
) -> ReportContext:
    facts = _run_facts(stages)
    return ReportContext(
        title=recipe.name,
        description=recipe.description,
        student=f"{depth(student.network)} layers cut from {(recipe.student.start_from or recipe.teacher).model}, "
        f"{student.parameters / 1e6:.1f} M parameters",
        models=student.sources,
        corpus=corpus_manifest(corpus),
        recipe_yaml=to_yaml(recipe),
        recipe_fingerprint=fingerprint(recipe.model_dump(mode="json")),
        limits=(*LIMITS, *unmeasured(evidence)),
        machine=_plain(machine()),
        software=versions(),
        seconds=facts["run_seconds"],
        peak_memory_bytes=int(facts["run_peak_memory_bytes"]),
        stages=tuple(
            StageFacts(s.name, s.record.seconds, s.record.peak_memory_bytes, s.fingerprint) for s in stages
        ),
        usage="from stillroom.export import Bundle\nmodel = Bundle.open('bundle').predictor()",
    )


def _plain(facts: Mapping[str, Any]) -> dict[str, str | int | float]:
    return {name: ", ".join(fact) if isinstance(fact, list | tuple) else fact for name, fact in facts.items()}
