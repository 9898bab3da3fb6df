"""Assistants: networks that learn from those before them and teach those after."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stillroom.models.bedside.backbones import build_network, save_network
from stillroom.recipes.bedside.shared import SAID, BedsideRun
from stillroom.recipes.pipeline.shared import write_record
from stillroom.signals.cases import CaseSignals
from stillroom.train.bedside.asked import ask
from stillroom.train.bedside.fit import fit_cases
from stillroom.types.cases import LOGITS
from stillroom.types.files import fingerprint


def assist(run: BedsideRun) -> None:
    """Train the chain of assistants, each on the answers of the one before."""
    before = "signals"
    for name in run.recipe.assistants:
        _assist(run, name, before)
        before = f"assist.{name}"


def _assist(run: BedsideRun, name: str, before: str) -> None:
    recipe, settings = run.recipe, run.recipe.assistants[name]
    train = settings.train or recipe.train
    inputs = {
        "assistant": settings.model.model_dump(mode="json"),
        "train": train.model_dump(mode="json"),
        **run.lines("objective", "seed", "signals"),
    }

    def make(out: Path, work: Path) -> Mapping[str, Any]:
        network = build_network(settings.model, run.form, recipe.seed)
        network.fit_inputs(run.cases("train"))
        record = fit_cases(
            network,
            run.cases("train"),
            train,
            recipe.objective,
            run.cohort.head,
            seed=recipe.seed,
            work=work,
            key=fingerprint([inputs, run.done[before].fingerprint]),
            signals=run.said(before),
            validation=run.cases("validation"),
            task=f"assistant {name}",
            progress=run.progress,
            logs=run.stages.run_dir / "trackers",
        )
        write_record(out, record)
        save_network(network, settings.model, run.form, out / "network")
        cases = run.different_cases
        told = ask(network, cases, (LOGITS, *recipe.signals.features))
        CaseSignals([case.sha256 for case in cases], told).save(out / SAID)
        return {"parameters": network.parameters_count}

    run.stage(f"assist.{name}", inputs, make, parents=("prepare", before))
