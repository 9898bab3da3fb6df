"""The bundles, one for every seed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from stillroom.data.bedside.tasks import TASKS
from stillroom.export.onnx.bundle import OnnxBundle, write_bundle
from stillroom.export.onnx.texts import TOKENIZER_FILE
from stillroom.models.bedside.network import Form
from stillroom.recipes.bedside.descent import descent
from stillroom.recipes.bedside.evidence import classification_settings
from stillroom.recipes.bedside.int8 import bundle_in, round_where_parity_holds
from stillroom.recipes.bedside.personal import companion_of, features_of, plan_for
from stillroom.recipes.bedside.shared import BedsideRun
from stillroom.recipes.bedside.trained import trained_answers
from stillroom.recipes.bundled.origin import CORPUS
from stillroom.recipes.text import dump
from stillroom.types.calibrators import CALIBRATOR
from stillroom.validate import choose_thresholds


def export(run: BedsideRun) -> None:
    """Write each student as an ONNX graph with its calibration."""

    def make(out: Path, work: Path) -> Mapping[str, Any]:
        for done, seed in enumerate(run.recipe.seeds):
            run.progress("export", done, len(run.recipe.seeds))
            _write(run, seed, out)
        rounded = round_where_parity_holds(run, out) if run.recipe.export.int8 else {}
        run.progress("export", len(run.recipe.seeds), len(run.recipe.seeds))
        prints = {f"fingerprint.{seed}": bundle_in(out, seed).fingerprint for seed in run.recipe.seeds}
        return {**prints, **rounded}

    inputs = {**run.lines("name", "export", "evaluate", "seeds", "personalise")}
    students = tuple(f"student.{seed}" for seed in run.recipe.seeds)
    run.stage("export", inputs, make, parents=("prepare", *students))


def bundle_of(run: BedsideRun, seed: int) -> OnnxBundle:
    """The bundle of one seed."""
    return bundle_in(run.done["export"].path, seed)


def _write(run: BedsideRun, seed: int, out: Path) -> None:
    stage = f"student.{seed}"
    network, facts = run.network(stage), run.facts(stage)
    form = run.form.only(network.needs)
    plan = plan_for(run, seed)
    write_bundle(
        network,
        form,
        out / f"bundle.{seed}",
        name=run.recipe.name,
        temperature=facts["temperature"],
        calibrator=CALIBRATOR.validate_python(facts["calibrator"]) if "calibrator" in facts else None,
        thresholds=_thresholds(run, seed),
        recipe_yaml=dump(run.recipe.model_dump(mode="json")),
        parents={name: done.fingerprint for name, done in run.done.items()}
        | {CORPUS: run.cohort.fingerprint},
        data_sources=run.cohort.sources,
        model_sources=descent(run.recipe),
        companions=_tokenizer(run, form) | companion_of(plan),
        features=features_of(plan),
    )


def _tokenizer(run: BedsideRun, form: Form) -> dict[str, str]:
    """What the student's input of tokens is made with, if it has one."""
    made = [text for name, text in run.cohort.tokenizers.items() if name in form.shapes]
    return {TOKENIZER_FILE: made[0]} if made else {}


def _thresholds(run: BedsideRun, seed: int) -> list[float]:
    """Where the student's answers count as positive, chosen on validation data; none of outlines and tags."""
    task = TASKS[run.recipe.data.task]
    if task.spacing_mm is not None or task.measured != "classes":
        return []
    stage = f"student.{seed}"
    answers = np.stack(trained_answers(run, stage, run.network(stage), run.cases("validation")))
    settings = classification_settings(run)
    found = choose_thresholds({"student": answers}, run.truth("validation"), settings)
    return [float(limit) for limit in found.get("student", ())]
