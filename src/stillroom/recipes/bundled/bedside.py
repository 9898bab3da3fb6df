"""A bedside bundle, measured by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stillroom.data.bedside.tasks import TASKS, read, stamp
from stillroom.export.onnx.bundle import OnnxBundle
from stillroom.models.bedside.network import Form
from stillroom.recipes.bedside_recipe import BedsideRecipe
from stillroom.recipes.bundled.origin import origin
from stillroom.recipes.classified import measured_of
from stillroom.recipes.regressed import figures_of_numbers
from stillroom.types import DataError, Evidence, Progress
from stillroom.types.cases import Cohort
from stillroom.types.files import fingerprint
from stillroom.validate import exact, measure_classification
from stillroom.validate.classification.gain import measure_recalibration
from stillroom.validate.efficiency.figures import answer_times
from stillroom.validate.tasks.measure import measure_summed


def measure_bedside_bundle(
    bundle: OnnxBundle, recipe: BedsideRecipe, data: Path | None, progress: Progress
) -> Evidence:
    """Measure quality, size and speed of a bundle on the test split of its task.

    Args:
        bundle: whose every byte was checked.
        recipe: its own: the task, and what is measured.
        data: the folder of the task's data, in place of the recipe's.
        progress: is told when it is done.

    Raises:
        DataError: the data are not at hand, or of another form than the bundle takes.
        MissingExtraError: a package that reads the data, or the runtime, is not installed.
    """
    settings = recipe.data.model_copy(update={"folder": data}) if data else recipe.data
    stamp(settings)
    cohort = read(settings)
    _require_fit(bundle, cohort)
    cases, model = cohort.splits["test"], bundle.model()
    progress("validate", 0, 1)
    evidence = _quality(bundle, recipe, cohort, list(model.answers(cases)))
    milliseconds = model.milliseconds(cases, recipe.export.latency_repeats)
    progress("validate", 1, 1)
    facts = {
        **(evidence.facts or {}),
        "primary": TASKS[settings.task].primary,
        "items_sha256": fingerprint([[case.group, case.target.tolist()] for case in cases]),
        **origin(bundle.manifest, cohort.fingerprint),
    }
    size = exact("bytes_on_disk", "bundle", bundle.graph_path.stat().st_size)
    return replace(
        evidence, metrics=(*evidence.metrics, size, *answer_times("bundle", milliseconds)), facts=facts
    )


def _quality(
    bundle: OnnxBundle, recipe: BedsideRecipe, cohort: Cohort, answers: Sequence[NDArray[Any]]
) -> Evidence:
    """Hold the answers to the test cases against the truth."""
    cases, task, wanted = cohort.splits["test"], TASKS[recipe.data.task], recipe.evaluate
    truth, groups = [case.target for case in cases], [case.group for case in cases]
    subgroups = {key: [case.keys[key] for case in cases] for key in task.subgroups}
    if task.measured == "numbers":
        return measure_summed(
            {"bundle": figures_of_numbers(answers, truth)},
            groups,
            subgroups=subgroups,
            repeats=wanted.bootstrap_repeats,
            seed=recipe.seed,
            unit=task.unit,
        )
    measure, said = measured_of(recipe, cohort.head.names), np.stack(answers)
    evidence = measure_classification(
        {"bundle": said},
        np.stack(truth),
        groups,
        measure,
        thresholds={"bundle": np.array(limits)} if (limits := bundle.manifest.thresholds) else None,
        subgroups=subgroups,
    )
    if not recipe.export.calibrate:
        return evidence
    before = np.stack(bundle.uncalibrated(cases))
    gain = measure_recalibration([before], [said], np.stack(truth), groups, measure)
    return replace(evidence, metrics=(*evidence.metrics, *gain))


def _require_fit(bundle: OnnxBundle, cohort: Cohort) -> None:
    """Refuse data that the bundle cannot read, or whose answers it does not give; it may read some inputs only."""
    form, manifest = Form.of(cohort), bundle.manifest
    takes = (dict(manifest.inputs), dict(manifest.channels), manifest.answer, manifest.names)
    shapes = {name: form.shapes[name] for name in manifest.inputs if name in form.shapes}
    channels = {name: form.channels[name] for name in manifest.channels if name in form.channels}
    gives = (shapes, channels, form.head.kind, form.head.names)
    for name, wanted, found in zip(("inputs", "channels", "answer", "names"), takes, gives, strict=True):
        if wanted != found:
            raise DataError(
                f"data whose {name} are not those of the bundle",
                f"{name} {wanted}",
                "name the data of the bundle's own task",
            )
    if cohort.splits["test"][0].target.ndim > (manifest.answer != "classes"):
        raise DataError(
            f"a bundle whose answers are {manifest.answer} at many places",
            "one class or number, or some labels, for each case",
            "measure it with its run: `stillroom validate RECIPE`",
        )
