"""What the teacher knows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stillroom.models.student import mapped_layers
from stillroom.recipes.pipeline.shared import Pipeline
from stillroom.signals import collect
from stillroom.signals.index import hand_over
from stillroom.train.learner import wants_layers


def signals(run: Pipeline) -> None:
    """Record what the teacher knows about every training and validation example."""

    def make(out: Path, work: Path) -> Mapping[str, Any]:
        teacher = run.model("teach")
        depth = teacher.network.config.num_hidden_layers
        layers = mapped_layers(recipe.student.layers, depth) if wants_hidden else ()
        collected = collect(
            teacher,
            (*run.rows(teacher, "train"), *run.rows(teacher, "validation")),
            work,
            recipe.signals,
            layers=layers,
            temperature=recipe.objective.constant_temperature or 1.0,
            seed=recipe.seed,
            precision=run.precision,
            progress=run.progress,
        )
        hand_over(work, out)
        return {"layers": list(layers), **collected.to_dict()}

    recipe = run.recipe
    wants_hidden = wants_layers(recipe.objective)
    inputs = {
        **run.lines("max_tokens", "signals", *(["student"] if wants_hidden else [])),
        **({} if recipe.signals.any_temperature else run.lines("seed")),
        **({} if recipe.signals.any_temperature else {"temperature": recipe.objective.constant_temperature}),
    }
    run.stage("signals", inputs, make, parents=("prepare", "teach"))
