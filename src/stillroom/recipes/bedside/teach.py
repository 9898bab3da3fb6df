"""The cohort, the teachers, and what they say as one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from stillroom.data.bedside.labels import AS_THEY_ARE, with_labels
from stillroom.data.bedside.store import manifest, save
from stillroom.data.bedside.tasks import read, stamp
from stillroom.losses.combine.fusion import confidence_weights, fixed_weights, fuse
from stillroom.losses.combine.sample_weights import confidence
from stillroom.recipes.bedside.answers import like, rows_of, temperatures_of
from stillroom.recipes.bedside.assist import assist
from stillroom.recipes.bedside.shared import SAID, BedsideRun
from stillroom.signals.cases import CaseSignals
from stillroom.train.bedside.settings import CaseFusionSettings
from stillroom.train.bedside.teachers import cross_fit
from stillroom.types.cases import LOGITS, UNKNOWN, Case


def prepare(run: BedsideRun) -> None:
    """Read the cohort."""

    def make(out: Path, work: Path) -> Mapping[str, Any]:
        cohort = with_labels(read(run.recipe.data), run.recipe.labels, run.recipe.seed)
        save(cohort, out / "cohort")
        told = manifest(cohort)
        return {"fingerprint": cohort.fingerprint, "dropped": told["dropped"], "mended": told["mended"]}

    inputs = {**run.lines("data"), **stamp(run.recipe.data)}
    if run.recipe.labels != AS_THEY_ARE:
        inputs |= run.lines("labels", "seed")
    run.stage("prepare", inputs, make, folder="cohort")


def teach(run: BedsideRun) -> None:
    """Fit each teacher, and ask it about every case."""
    for name in run.recipe.teachers:
        _teach(run, name)


def signals(run: BedsideRun) -> None:
    """Hear the teachers as one, calibrated on validation data."""

    def make(out: Path, work: Path) -> Mapping[str, Any]:
        cases = run.different_cases
        heard = CaseSignals([case.sha256 for case in cases], {LOGITS: _heard(run, cases)})
        validation = rows_of(heard.each(LOGITS, run.cases("validation")))
        temperatures = temperatures_of(validation, run.truth("validation"), run.cohort.head)
        cooled = [logits / np.array(temperatures, dtype=np.float32) for logits in heard.arrays[LOGITS]]
        names = [case.sha256 for case in cases]
        CaseSignals(names, {LOGITS: cooled, **_features(run, cases)}).save(out / SAID)
        return {"cases": len(cases), "teacher_temperature": temperatures}

    run.stage("signals", run.lines("fusion", "signals"), make, parents=("prepare", *_teachers(run)))
    assist(run)


def _teach(run: BedsideRun, name: str) -> None:
    settings = run.recipe.teachers[name]
    seed = run.recipe.seed if settings.seed is None else settings.seed

    def make(out: Path, work: Path) -> None:
        said = cross_fit(
            settings,
            run.cohort,
            seed=seed,
            work=work,
            out=out,
            key=run.cohort.fingerprint,
            task=f"teach {name}",
            progress=run.progress,
            features=run.recipe.signals.features,
        )
        said.save(out / SAID)

    inputs = {"teacher": settings.model_dump(mode="json"), "seed": seed, **run.lines("signals")}
    run.stage(f"teach.{name}", inputs, make, parents=("prepare",))


def _teachers(run: BedsideRun) -> tuple[str, ...]:
    return tuple(f"teach.{name}" for name in run.recipe.teachers)


def _heard(run: BedsideRun, cases: list[Case]) -> list[NDArray[Any]]:
    """Logits of all teachers together, of each case."""
    each = [CaseSignals.load(run.done[stage].path / SAID).each(LOGITS, cases) for stage in _teachers(run)]
    if run.recipe.fusion is None:
        return each[0]
    said = torch.stack([torch.from_numpy(rows_of(of)) for of in each])
    if run.cohort.head.kind != "classes":
        return like(said.mean(0).numpy(), each[0])
    training = len({case.sha256 for case in run.cases("train")})
    return like(fuse(said, _weights(said, cases[:training], run.recipe.fusion)).numpy(), each[0])


def _features(run: BedsideRun, cases: list[Case]) -> dict[str, list[NDArray[Any]]]:
    """What the one teacher shows beside its logits."""
    if not run.recipe.signals.features:
        return {}
    (stage,) = _teachers(run)
    said = CaseSignals.load(run.done[stage].path / SAID)
    return {name: said.each(name, cases) for name in run.recipe.signals.features}


def _weights(said: Tensor, training: list[Case], fusion: CaseFusionSettings) -> Tensor | None:
    """How much each teacher is heard, ``(teachers,)`` or of each position; None: alike.

    The training cases come first; of the others no label is read.
    """
    if fusion.shares is not None:
        return fixed_weights(fusion.shares)
    if fusion.kind == "entropy":
        sure = confidence(said) + torch.finfo(torch.float32).tiny
        return sure / sure.sum(0)
    if fusion.kind == "confidence":
        weights = torch.full(said.shape[:-1], 1.0 / len(said))
        truth = torch.from_numpy(rows_of([case.target for case in training]))
        known = (truth != UNKNOWN).expand(len(said), *truth.shape)
        found = confidence_weights(said[:, : len(truth)], truth.clamp_min(0))
        weights[:, : len(truth)] = torch.where(known, found, weights[:, : len(truth)])
        return weights
    return None
