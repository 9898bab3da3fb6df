"""What the teacher knows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stillroom.models import LanguageModel
from stillroom.recipes.pipeline.readers import other_reader_of, shown_rows
from stillroom.recipes.pipeline.shared import Pipeline
from stillroom.recipes.pipeline.source import asked
from stillroom.signals import collect
from stillroom.signals.aligned import collect_aligned
from stillroom.signals.index import hand_over
from stillroom.signals.other_reader import OtherReader
from stillroom.signals.recording import Recording
from stillroom.train.learner import wants_layers


def signals(run: Pipeline) -> None:
    """Record what the teacher knows about every training and validation example, unless it will be asked itself."""

    def record(out: Path, work: Path) -> Mapping[str, Any]:
        teacher = run.teacher()
        reader = other_reader_of(run, teacher)
        if reader is not None:
            return _aligned(run, teacher, reader, out, work)
        wanted = asked(run, teacher)
        store = work.resolve()  # other processes may stand in another folder
        collected = collect(
            teacher,
            shown_rows(run, teacher),
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
        reader = other_reader_of(run, teacher)
        if reader is not None:
            return {"source": "live", "recording": reader.recording.fingerprint, **_unread(reader)}
        recording = Recording.of(teacher, recipe.signals, **asked(run, teacher))
        return {"source": "live", "recording": recording.fingerprint}

    recipe = run.recipe
    reads_student = wants_layers(recipe.objective) or recipe.student.start_from is not None
    inputs = {
        **run.lines("teacher", "max_tokens", "signals", *(["student"] if reads_student else [])),
        **({} if recipe.signals.any_temperature else run.lines("seed")),
        **({} if recipe.signals.any_temperature else {"temperature": recipe.objective.constant_temperature}),
    }
    if recipe.objective.layer_mix is not None and wants_layers(recipe.objective):
        inputs["layer_mix"] = recipe.objective.layer_mix
    make = describe if recipe.signals.source == "live" else record
    run.stage("signals", inputs, make, parents=("prepare", "teach"))


def _aligned(
    run: Pipeline, teacher: LanguageModel, reader: OtherReader, out: Path, work: Path
) -> Mapping[str, Any]:
    """Record a teacher with another tokenizer under the student's rows."""
    collected = collect_aligned(
        teacher, reader, work, run.recipe.signals, precision=run.precision, progress=run.progress
    )
    hand_over(work, out)
    return {"layers": [], **collected.to_dict(), **_unread(reader)}


def _unread(reader: OtherReader) -> Mapping[str, Any]:
    """How many rows the teacher does not read as the student does, by reason."""
    return {"rows_not_read_alike": dict(reader.paired.troubles)}
