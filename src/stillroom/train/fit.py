"""Training a model: the teacher's adaptation, the control and the student alike."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import torch

from stillroom.models.attention import tappable
from stillroom.models.language_model import LanguageModel
from stillroom.signals.source import SignalSource
from stillroom.train.batches import collate, pack
from stillroom.train.curriculum import Lesson
from stillroom.train.learner import Learner
from stillroom.train.lora import adapted
from stillroom.train.memory import recomputed
from stillroom.train.objective import ObjectiveSettings
from stillroom.train.rollouts import Rollouts
from stillroom.train.settings import TrainSettings
from stillroom.train.terms import reads_attention
from stillroom.train.training import TrainingRun, surroundings
from stillroom.types import Encoded, Progress, TrainError, silent
from stillroom.types.record import TrainRecord

HARD_LABELS = ObjectiveSettings(alpha=0.0, divergence="forward_kl", temperature=1.0, hidden_weight=0.0)


def fit(
    model: LanguageModel,
    rows: Sequence[Encoded],
    settings: TrainSettings,
    *,
    seed: int,
    work: Path,
    key: str,
    objective: ObjectiveSettings = HARD_LABELS,
    signals: SignalSource | Sequence[SignalSource] | None = None,
    validation: Sequence[Encoded] = (),
    task: str = "train",
    progress: Progress = silent,
    logs: Path | None = None,
    names: Sequence[str] = (),
    lessons: Sequence[Lesson] = (),
    peer: LanguageModel | None = None,
) -> TrainRecord:
    """Train ``model`` in place for a fixed number of steps, going on from a checkpoint if there is one.

    The loss of a step is the sum over its response tokens divided by their number, whatever passes and processes
    they were split into, so accumulation, padding and ranks do not change the result. Equal arguments give equal
    weights, whether or not the run was killed and started again in between.

    Started by a launcher (``accelerate launch``, ``torchrun``) in several processes, all of them take part in every
    step; only the first writes files and reports progress, and all end with the same weights.

    Args:
        model: the network to train.
        rows: encoded training rows.
        settings: budget and optimiser.
        seed: order of the rows, and every random draw.
        work: folder of the checkpoints, the best weights and the names of skipped rows.
        key: identifies recipe, data and teacher; a checkpoint of another key is refused.
        objective: what is minimised; hard labels alone by default.
        signals: the teacher's knowledge of every row, validation rows included, where the objective has a soft or
            hidden term; of several teachers, in the order of the objective's shares.
        validation: rows whose losses are measured along the way.
        task: name for progress and trackers.
        progress: is told steps done and their figures.
        logs: folder of the trackers' files; ``work`` by default.
        names: what to call each row in the file of skipped rows, such as its example's identifier; never text of a
            patient. Its place among the rows by default.
        lessons: which rows are learned from, and until when; all of them always by default.
        peer: a second student of the same tokenizer, where the objective is ``mutual``; it is trained too.

    Returns:
        The budget spent and the figures of every step; a step that was left out has ``skipped`` and no losses.

    Raises:
        TrainError: no rows, a row longer than a pass, an objective without its signals, a damaged or foreign
            checkpoint, more steps without a finite loss than ``max_skipped_steps``, a loss that diverged, or too
            little memory.
        StorageError: too little disk space for the checkpoints.
        MissingExtraError: adapters or a tracker are wanted whose package is not installed.
    """
    _check(rows, settings, objective, signals, peer)
    training = TrainingRun(
        settings, seed, work, key, task, progress, logs or work, _whole(settings, objective)
    )
    with surroundings(settings), ExitStack() as stack:
        stack.enter_context(adapted(model.network, settings.lora, seed))
        stack.enter_context(recomputed(model.network, settings.gradient_checkpointing))
        if reads_attention(objective.terms):
            stack.enter_context(tappable(model.network))
        learner = Learner(model.network, objective, signals, None if peer is None else peer.network)
        torch.manual_seed(seed)
        learner.size(collate(rows[:1]))
        if objective.on_policy is not None:
            learner.rollouts = Rollouts(objective.on_policy, rows, model.tokenizer.eos_token_id)
        way = pack if settings.packing else collate
        record = training.run(learner, way, rows, names, validation, lessons)
    model.network.zero_grad(set_to_none=True)
    return record


def _check(
    rows: Sequence[Encoded],
    settings: TrainSettings,
    objective: ObjectiveSettings,
    signals: SignalSource | Sequence[SignalSource] | None,
    peer: LanguageModel | None,
) -> None:
    if not rows:
        raise TrainError("0 training rows", "at least one", "raise the corpus limits or `max_tokens`")
    if (objective.mutual is None) != (peer is None):
        raise TrainError(
            "a second student without objective.mutual, or that without it", "both or neither", "pass `peer`"
        )
    if signals is None and objective.needs_teacher:
        raise TrainError(
            "an objective that a teacher takes part in but no signals", "recorded signals", "run `signals`"
        )
    longest, limit = max(len(row.ids) for row in rows), settings.tokens_per_pass
    if limit != "auto" and longest > limit:
        raise TrainError(
            f"a training row of {longest} tokens",
            f"at most {limit} (`tokens_per_pass`)",
            "raise `tokens_per_pass` or lower `max_tokens`",
        )


def _whole(settings: TrainSettings, objective: ObjectiveSettings) -> list[str]:
    """Recipe keys in use that need every weight in one process."""
    wanted = {
        "train.rounding": settings.rounding,
        "objective.on_policy": objective.on_policy,
        "objective.mean_teacher": objective.mean_teacher,
        "objective.mutual": objective.mutual,
    }
    return [name for name, value in wanted.items() if value]
