"""What the teacher knows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stillroom.recipes.pipeline.shared import Pipeline
from stillroom.recipes.pipeline.source import asked
from stillroom.signals import collect
from stillroom.signals.index import hand_over
from stillroom.signals.recording import Recording
from stillroom.train.learner import wants_layers


def signals(run: Pipeline) -> None:
    """Record what the teacher knows about every training and validation example, unless it will be asked itself."""

    def record(out: Path, work: Path) -> Mapping[str, Any]:
        teacher = run.teacher()
        wanted = asked(run, teacher)
        store = work.resolve()  # other processes may stand in another folder
        collected = collect(
            teacher,
            (*run.rows(teacher, "train"), *run.rows(teacher, "validation")),
            store,
            recipe.signals,
            **wanted,
            precision=run.precision,
            progress=run.progress,
            spread=run.engine.spread(run.done["teach"].path, store),
        )
        hand_over(work, out)
        return {"layers": list(wanted["layers"]), **collected.to_dict()}

    def describe(out: Path, work: Path) -> Mapping[str, Any]:
        """Nothing is written; what the teacher will be asked stands for what it would have said."""
        teacher = run.teacher()
        recording = Recording.of(teacher, recipe.signals, **asked(run, teacher))
        return {"source": "live", "recording": recording.fingerprint}

    recipe = run.recipe
    inputs = {
        **run.lines("teacher", "max_tokens", "signals", *(["student"] if wants_layers(recipe.objective) else [])),
        **({} if recipe.signals.any_temperature else run.lines("seed")),
        **({} if recipe.signals.any_temperature else {"temperature": recipe.objective.constant_temperature}),
    }
    make = describe if recipe.signals.source == "live" else record
    run.stage("signals", inputs, make, parents=("prepare", "teach"))
