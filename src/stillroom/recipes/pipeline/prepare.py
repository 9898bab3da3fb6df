"""The corpus."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stillroom import data
from stillroom.data.loading import stamp
from stillroom.data.store import save
from stillroom.recipes.pipeline.shared import Pipeline


def prepare(run: Pipeline) -> None:
    """Build the corpus and split it."""

    def make(out: Path, work: Path) -> Mapping[str, Any]:
        corpus = data.load(run.recipe.corpus)
        save(corpus, out / "corpus")
        return {"fingerprint": corpus.fingerprint}

    run.stage("prepare", {**run.lines("corpus"), **stamp(run.recipe.corpus)}, make, folder="corpus")
