"""The bundle."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stillroom.export import write
from stillroom.recipes.bundled.origin import CORPUS
from stillroom.recipes.loading import to_yaml
from stillroom.recipes.pipeline.shared import Pipeline

_NEEDS_BYTES = 2 << 30


def export(run: Pipeline) -> None:
    """Compress the student and write the bundle."""

    def make(out: Path, work: Path) -> Mapping[str, Any]:
        student = run.model("student")
        bundle = write(
            student,
            out / "bundle",
            run.recipe.export,
            name=run.recipe.name,
            recipe_yaml=to_yaml(run.recipe),
            parents={name: stage.fingerprint for name, stage in run.done.items()}
            | {CORPUS: run.corpus.fingerprint},
            data_sources=run.corpus.sources,
            calibration=run.rows(student, "train")[: run.recipe.export.calibration_items],
            progress=run.progress,
        )
        return {"fingerprint": bundle.fingerprint}

    inputs = run.lines("export", "name", "max_tokens")
    run.stage("export", inputs, make, parents=("prepare", "student"), needs_bytes=_NEEDS_BYTES)
