"""The corpus."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stillroom import data
from stillroom.data.loading import stamp
from stillroom.data.prepare.settings.corpus import ClinicalSettings
from stillroom.data.store import save
from stillroom.recipes.pipeline.shared import Pipeline


def prepare(run: Pipeline) -> None:
    """Build the corpus and split it."""
    settings = run.recipe.corpus

    def make(out: Path, work: Path) -> Mapping[str, Any]:
        if isinstance(settings, ClinicalSettings):
            return _prepared(run, settings, out, work)
        corpus = data.load(settings)
        save(corpus, out / "corpus")
        return {"fingerprint": corpus.fingerprint}

    run.stage("prepare", {**run.lines("corpus"), **stamp(settings)}, make, folder="corpus")


def _prepared(run: Pipeline, settings: ClinicalSettings, out: Path, work: Path) -> Mapping[str, Any]:
    """Take many sources through their stages, by the workers of the run's engine."""
    from stillroom.data.prepare.build import prepare as prepare_corpus

    with run.engine.workers(work) as workers:
        facts, costs = prepare_corpus(settings, out, work.absolute(), workers, run.progress)
    for stage, cost in costs.items():
        run.stages.note("prepare", stage, cost)
    return {"fingerprint": facts["fingerprint"]}
