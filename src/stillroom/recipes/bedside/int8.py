"""Bundles in eight bits, where the students still decide as they did."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stillroom.data.bedside.tasks import TASKS
from stillroom.export.onnx.bundle import OnnxBundle
from stillroom.export.onnx.int8 import Inputs, write_int8
from stillroom.export.onnx.runtime import OnnxModel
from stillroom.export.onnx.settings import Int8Settings
from stillroom.recipes.bedside.shared import BedsideRun
from stillroom.types import ExportError
from stillroom.validate.classification.parity import Parity, parity

VERDICT = "int8_verdict"
_GRAPHS = ("float32", "int8")


def bundle_in(folder: Path, seed: int) -> OnnxBundle:
    """The bundle of one seed in the folder of the stage."""
    return OnnxBundle.open(folder / f"bundle.{seed}")


def round_where_parity_holds(run: BedsideRun, out: Path) -> dict[str, Any]:
    """Write every bundle's graph in eight bits, and put it in the bundle if all trainings keep parity.

    Both graphs of the first training stay beside the bundles, to be timed.

    Args:
        run: the run, whose students are trained.
        out: folder that holds the bundles.

    Returns:
        The verdict, and the worst change in recall of each class over the trainings.

    Raises:
        ExportError: the answer is no class, or a graph cannot be quantised.
    """
    settings = run.recipe.export.int8
    assert settings is not None
    asked = (
        TASKS[run.recipe.data.task].measured if run.cohort.head.kind == "classes" else run.cohort.head.kind
    )
    if asked != "classes":
        raise ExportError(f"`export.int8` for {asked}", "one class for each position", "leave it out")
    bundles = {seed: bundle_in(out, seed) for seed in run.recipe.seeds}
    found = {
        seed: _rounded(run, settings, bundle, out / f"int8.{seed}.onnx") for seed, bundle in bundles.items()
    }
    first, holds = run.recipe.seeds[0], all(of.holds for of in found.values())
    shutil.copy2(bundles[first].graph_path, out / "float32.onnx")
    shutil.copy2(out / f"int8.{first}.onnx", out / "int8.onnx")
    for seed, bundle in bundles.items():
        if holds:
            bundle.in_int8(out / f"int8.{seed}.onnx")
        (out / f"int8.{seed}.onnx").unlink()
    return {VERDICT: "kept" if holds else "not kept", **_told(found)}


def int8_facts(run: BedsideRun) -> dict[str, str | float]:
    """The verdict on eight bits, with size and median time of both graphs of the first training, on one core."""
    facts = {name: fact for name, fact in run.facts("export").items() if name.startswith("int8_")}
    if not facts:
        return {}
    for name in _GRAPHS:
        path = run.done["export"].path / f"{name}.onnx"
        times = OnnxModel(path).milliseconds(run.cases("test"), run.recipe.export.latency_repeats)
        facts |= {f"int8_bytes_{name}": path.stat().st_size, f"int8_answer_ms_{name}": median(times)}
    return facts


def _rounded(run: BedsideRun, settings: Int8Settings, bundle: OnnxBundle, path: Path) -> Parity:
    write_int8(bundle.graph_path, path, settings.kind, list(_calibration(run, settings.calibration_cases)))
    cases = run.cases("validation")
    before, after = (
        _decided(np.stack(model.answers(cases)), bundle.manifest.thresholds)
        for model in (bundle.model(), OnnxModel(path, bundle.manifest.calibrator))
    )
    return parity(
        before,
        after,
        run.truth("validation"),
        [case.group for case in cases],
        run.cohort.head.names,
        largest_loss=settings.largest_recall_loss,
        repeats=run.recipe.evaluate.bootstrap_repeats,
        seed=run.recipe.seed,
    )


def _calibration(run: BedsideRun, most: int) -> Iterator[Inputs]:
    """Training cases, evenly spaced."""
    cases = run.cases("train")
    for case in cases[:: max(1, len(cases) // most)][:most]:
        yield {name: values[None] for name, values in case.inputs.items()}


def _decided(answers: NDArray[Any], thresholds: tuple[float, ...]) -> NDArray[Any]:
    """Class numbers: of two classes by the threshold, of more the likeliest."""
    if len(thresholds) == 1 and answers.shape[-1] == 2:
        return np.asarray(answers[..., 1] >= thresholds[0]).astype(np.int64)
    return np.asarray(answers.argmax(-1))


def _told(found: Mapping[int, Parity]) -> dict[str, str | float]:
    facts: dict[str, str | float] = {}
    for name in next(iter(found.values())).recall:
        value, low, high = min((of.recall[name] for of in found.values()), key=lambda change: change[1])
        facts[f"int8_recall_change/{name}"] = f"{value:+.4f} ({low:+.4f} to {high:+.4f})"
    tests = [of.test for of in found.values() if of.test is not None]
    if tests:
        facts["int8_mcnemar_p"] = min(test.mid_p for test in tests)
    return facts
