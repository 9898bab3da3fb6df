"""What people open."""

from __future__ import annotations

import json

from stillroom.recipes.evidence_files import EVIDENCE_FILE
from stillroom.recipes.pipeline.shared import Pipeline
from stillroom.recipes.publish import publish
from stillroom.types import Evidence


def report(run: Pipeline) -> None:
    """Write the report and the model card, and publish the bundle with its card: the first process alone."""
    evidence = (run.done["validate"].path / EVIDENCE_FILE).read_text(encoding="utf-8")
    publish(
        run.recipe,
        run.stages.run_dir,
        run.stages.finished,
        Evidence.from_dict(json.loads(evidence)),
        run.corpus,
        run.model("student"),
        run.bundle(),
    )
