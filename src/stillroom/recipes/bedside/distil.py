"""The control and the student, of every seed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from stillroom.models.bedside.backbones import build_network, save_network
from stillroom.recipes.bedside.answers import calibration_of, rows_of
from stillroom.recipes.bedside.shared import BedsideRun
from stillroom.recipes.pipeline.shared import write_record
from stillroom.train.bedside.asked import ask
from stillroom.train.bedside.balance import balanced
from stillroom.train.bedside.fit import fit_cases, labelled
from stillroom.train.bedside.objective import hard_labels
from stillroom.types.cases import LOGITS
from stillroom.types.files import fingerprint


def distil(run: BedsideRun) -> None:
    """Train the control on hard labels and the student on the teachers' answers, from the same start and budget."""
    for seed in run.recipe.seeds:
        learn(run, "control", seed)
        learn(run, "student", seed)


def learn(run: BedsideRun, name: Literal["control", "student"], seed: int) -> None:
    """Train the control or the student of one seed."""
    recipe = run.recipe
    objective, parents = recipe.objective, tuple[str, ...](("prepare", run.last_teacher))
    if name == "control":
        objective, parents = hard_labels(run.cohort.head.kind), ("prepare",)

    def make(out: Path, work: Path) -> Mapping[str, Any]:
        network = build_network(recipe.student, run.form, seed)
        cases = run.cases("train") if name == "student" else labelled(run.cases("train"))
        network.fit_inputs(run.cases("train"))
        record = fit_cases(
            network,
            balanced(cases, recipe.class_balance),
            recipe.train,
            objective,
            run.cohort.head,
            seed=seed,
            work=work,
            key=fingerprint([inputs, {parent: run.done[parent].fingerprint for parent in parents}]),
            signals=run.said(run.last_teacher) if name == "student" else None,
            validation=run.cases("validation"),
            task=f"{name} {seed}",
            progress=run.progress,
            logs=run.stages.run_dir / "trackers",
        )
        write_record(out, record)
        save_network(network, recipe.student, run.form, out / "network")
        said = rows_of(ask(network, run.cases("validation"))[LOGITS])
        fitted = calibration_of(recipe.export, said, run.truth("validation"), run.cohort.head)
        return {"parameters": network.parameters_count, **fitted}

    inputs = {
        **run.lines("student", "train", "class_balance"),
        "seed": seed,
        "objective": objective.model_dump(mode="json"),
        "calibrate": recipe.export.calibrate and recipe.export.calibrator,
    }
    run.stage(f"{name}.{seed}", inputs, make, parents=parents)
