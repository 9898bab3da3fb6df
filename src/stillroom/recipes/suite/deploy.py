"""What a task's student costs in its own runtime, whatever it learned by: the first training's bundle."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from stillroom.recipes.bedside.export import bundle_of, export
from stillroom.recipes.bedside.shared import BedsideRun
from stillroom.recipes.stages import Stages
from stillroom.validate.efficiency.energy import metered


def deployed(run: BedsideRun, stages: Stages) -> Mapping[str, Any]:
    """Export one student, and time single answers on one core.

    Returns:
        ``student_bytes``; ``answer_ms``, the median, and ``answer_ms_p95``; ``answer_joules``, which says in its name
        whether it was ``_measured`` or ``_estimated``.
    """
    recipe = run.recipe.model_copy(update={"seeds": run.recipe.seeds[:1]})
    one = BedsideRun(recipe, stages, run.progress)
    one.done = dict(run.done)
    export(one)

    def make(out: Path, work: Path) -> Mapping[str, Any]:
        bundle, repeats = bundle_of(one, recipe.seeds[0]), recipe.export.latency_repeats
        model = bundle.model()
        milliseconds, energy = metered(lambda: model.milliseconds(one.cases("test"), repeats))
        return {
            "student_bytes": bundle.graph_path.stat().st_size,
            "answer_ms": float(np.median(milliseconds)),
            "answer_ms_p95": float(np.quantile(milliseconds, 0.95)),
            f"answer_joules_{energy.source}": energy.joules / repeats,
        }

    one.stage("speed", one.lines("export"), make, parents=("prepare", "export"))
    return one.facts("speed")
