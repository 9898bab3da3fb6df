"""Training a bedside network: a neural teacher, the control and the student alike."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch

from stillroom.models.bedside.network import BedsideNetwork
from stillroom.signals.cases import CaseSignals
from stillroom.train.bedside.collate import ReadCollate
from stillroom.train.bedside.learner import CaseLearner
from stillroom.train.bedside.objective import CaseObjectiveSettings
from stillroom.train.settings import TrainSettings
from stillroom.train.training import TrainingRun, surroundings
from stillroom.types import Progress, TrainError, silent
from stillroom.types.cases import Case, Head
from stillroom.types.record import TrainRecord


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
    learner = CaseLearner(network, objective, head, signals)
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
