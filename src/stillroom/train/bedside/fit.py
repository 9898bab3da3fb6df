"""Training a bedside network: a neural teacher, the control and the student alike."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from stillroom.models.bedside.network import BedsideNetwork
from stillroom.signals.cases import CaseSignals
from stillroom.train.bedside.collate import ReadCollate
from stillroom.train.bedside.learner import CaseLearner
from stillroom.train.bedside.objective import CaseObjectiveSettings
from stillroom.train.settings import TrainSettings
from stillroom.train.training import TrainingRun, surroundings
from stillroom.types import Progress, TrainError, silent
from stillroom.types.cases import UNKNOWN, Case, Head
from stillroom.types.record import TrainRecord


def labelled(cases: Sequence[Case]) -> list[Case]:
    """Cases of which some truth is known: what hard labels can be learned from."""
    return [case for case in cases if _is_known(case.target)]


def label_factors(
    objective: CaseObjectiveSettings, head: Head, cases: Sequence[Case]
) -> NDArray[np.float32] | None:
    """Factor of the temperature of each label; None where the objective wants none.

    Raises:
        TrainError: the head has no labels.
    """
    wanted = objective.label_temperature
    if wanted is None:
        return None
    if head.kind != "labels":
        raise TrainError(
            f"objective.label_temperature for {head.kind}", "a task of labels", "leave label_temperature out"
        )
    many = np.nansum([case.target.reshape(-1, len(head.names)).sum(0) for case in cases], axis=0)
    logs = np.log(np.maximum(many, 1.0))
    rarity = (logs.max() - logs) / max(np.ptp(logs), np.finfo(np.float64).tiny)
    factors = wanted.common * (wanted.rare / wanted.common) ** rarity
    return np.asarray(factors, dtype=np.float32)


def fit_cases(
    network: BedsideNetwork,
    cases: Sequence[Case],
    settings: TrainSettings,
    objective: CaseObjectiveSettings,
    head: Head,
    *,
    seed: int,
    work: Path,
    key: str,
    signals: CaseSignals | None = None,
    validation: Sequence[Case] = (),
    task: str = "train",
    progress: Progress = silent,
    logs: Path | None = None,
) -> TrainRecord:
    """Train a network in place, going on from a checkpoint if there is one; it ends in evaluation mode.

    The loss of a step is the sum over positions divided by their number, whatever passes and processes they were split
    into. Equal arguments give equal weights, whether or not the run was killed and started again in between.
    ``tokens_per_step`` of the settings counts sizes of cases: of cases of one shape, cases.

    Args:
        network: its inputs are scaled already.
        cases: what is learned from.
        settings: budget and optimiser.
        objective: what is minimised.
        head: what is asked of each case.
        seed: order of the cases, and every random draw.
        work: folder of the checkpoints, the best weights and the names of skipped rows.
        key: identifies recipe, data and teacher; a checkpoint of another key is refused.
        signals: what the teachers said of every case, validation cases included.
        validation: cases whose losses are measured along the way.
        task: name for progress and trackers.
        progress: is told steps done and their figures.
        logs: folder of the trackers' files; ``work`` by default.

    Raises:
        TrainError: no cases, a term that cannot be fed, or as :func:`stillroom.train.fit` says.
        SignalError: the signals lack a case, or what the objective compares.
        StorageError: too little disk space for the checkpoints.
    """
    if not cases:
        raise TrainError("0 training cases", "at least one", "give more data")
    learner = CaseLearner(network, objective, head, signals, label_factors(objective, head, cases))
    collate = ReadCollate(network, (*cases, *validation))
    training = TrainingRun(settings, seed, work, key, task, progress, logs or work)
    with surroundings(settings):
        torch.manual_seed(seed)
        learner.size(collate(cases[:8]))
        record = training.run(learner, collate, cases, [case.id for case in cases], validation)
    learner.finish()
    network.zero_grad(set_to_none=True)
    network.eval()
    return record


def _is_known(target: NDArray[Any]) -> bool:
    whole = np.issubdtype(target.dtype, np.integer)
    return bool((target != UNKNOWN).any() if whole else np.isfinite(target).any())
