"""The evidence: quality of all subjects, size and speed, curves of the training, and gates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from stillroom.data.bedside.tasks import stamp
from stillroom.recipes.bedside.evidence import measured
from stillroom.recipes.bedside.export import bundle_of
from stillroom.recipes.bedside.int8 import int8_facts
from stillroom.recipes.bedside.personal import measured_personal
from stillroom.recipes.bedside.recalibration import recalibration
from stillroom.recipes.bedside.shared import SAID, BedsideRun, read_json
from stillroom.recipes.evidence_files import write_evidence
from stillroom.recipes.pipeline.shared import RECORD_FILE
from stillroom.train.best import task_losses
from stillroom.types import Curve, Metric, Split, Subject
from stillroom.types.record import VALIDATION, TrainRecord
from stillroom.validate import exact, judge
from stillroom.validate.efficiency.figures import answer_times
from stillroom.validate.privacy.outside import stamp_of

_MEASURED: tuple[Split, ...] = ("validation", "test")


def validate(run: BedsideRun) -> None:
    """Measure all subjects on the test split; the bundles in their own runtime."""

    def make(out: Path, work: Path) -> None:
        run.progress("validate", 0, 1)
        models = {seed: bundle_of(run, seed).model() for seed in run.recipe.seeds}
        said = {
            seed: {split: model.answers(run.cases(split)) for split in _MEASURED}
            for seed, model in models.items()
        }
        evidence = measured(run, said)
        milliseconds = models[run.recipe.seeds[0]].milliseconds(
            run.cases("test"), run.recipe.export.latency_repeats
        )
        personal, facts = measured_personal(run) if run.recipe.personalise else ((), {})
        told = (*recalibration(run, said), *personal, *_sizes(run), *answer_times("bundle", milliseconds))
        facts = {**(evidence.facts or {}), **int8_facts(run), **facts}
        evidence = replace(evidence, metrics=(*evidence.metrics, *told), facts=facts)
        curves = (*evidence.curves, *_training(run))
        run.progress("validate", 1, 1)
        write_evidence(out, judge(replace(evidence, curves=curves), run.recipe.evaluate.gates))

    parents = [name for name in run.done if not name.startswith("teach.")]
    inputs = {**run.lines("evaluate", "seed", "export", "personalise"), **_files(run)}
    run.stage("validate", inputs, make, parents=parents, folder="evidence")


def _files(run: BedsideRun) -> dict[str, Any]:
    """Content of the files that the evidence is made of beside the run."""
    asked = run.recipe.evaluate
    found: dict[str, Any] = {}
    if asked.shift is not None and asked.shift.data is not None:
        found["shift"] = stamp(asked.shift.data)
    if asked.privacy is not None and asked.privacy.results is not None:
        found["attacks"] = stamp_of(Path(asked.privacy.results))
    return found


def teacher_bytes(run: BedsideRun) -> int:
    """Bytes of the teachers' own weights; a frozen encoder's are not written into a run."""
    return sum(
        int(file["bytes"])
        for name, stage in run.done.items()
        if name.startswith("teach.")
        for path, file in stage.record.files.items()
        if path.endswith((".txt", ".safetensors")) and path != SAID
    )


def _sizes(run: BedsideRun) -> Iterator[Metric]:
    parameters = run.facts(f"student.{run.recipe.seeds[0]}")["parameters"]
    subjects: tuple[Subject, ...] = ("student_untrained", "control", "student", "bundle")
    for subject in subjects:
        yield exact("parameters", subject, parameters)
    graph = bundle_of(run, run.recipe.seeds[0]).graph_path
    yield exact("bytes_on_disk", "bundle", graph.stat().st_size)
    yield exact("bytes_on_disk", "teacher", teacher_bytes(run))


def _training(run: BedsideRun) -> Iterator[Curve]:
    """Loss on the task, in training and on validation data, of the first seed."""
    names = {"": "training loss of the task", VALIDATION: "validation loss of the task"}
    subjects: tuple[Subject, ...] = ("control", "student")
    unit = "target²" if run.cohort.head.kind == "values" else "nats"
    for subject in subjects:
        path = run.done[f"{subject}.{run.recipe.seeds[0]}"].path / RECORD_FILE
        points = TrainRecord.from_dict(read_json(path)).points
        for prefix, name in names.items():
            if told := task_losses(points, prefix):
                x, y = zip(*told, strict=True)
                yield Curve(name, subject, tuple(map(float, x)), y, "step", unit)
