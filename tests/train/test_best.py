"""Early stopping: when it stops, and which weights are kept."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from stillroom.train import fit
from stillroom.train.batches import collate
from stillroom.train.best import has_stopped_falling, keep_best, restore_best
from stillroom.train.engine import Engine
from stillroom.train.learner import Learner
from stillroom.train.settings import EarlyStoppingSettings
from stillroom.train.weights import trained_tensors
from stillroom.types import TrainError
from stillroom.types.record import Point
from train.tiny import model, rows, settings

WATCHED = EarlyStoppingSettings(figure="task", patience=2)
# So fast that the loss on unseen rows soon rises.
HASTY = {
    "steps": 60,
    "learning_rate": 0.03,
    "evaluate_every_share": 0.05,
    "early_stopping": WATCHED.model_dump(),
}


def points(*losses: float | None) -> list[Point]:
    return [
        Point(step, {} if loss is None else {"validation_cross_entropy": loss})
        for step, loss in enumerate(losses, 1)
    ]


@pytest.mark.parametrize(
    ("losses", "stops"),
    [
        ([], False),
        ([3.0, 2.0, 1.0], False),
        ([3.0, 1.0, 2.0], False),
        ([3.0, 1.0, 2.0, 1.0], True),
        ([3.0, 1.0, 2.0, None], False),
        ([3.0, 1.0, 2.0, 0.9, 1.0], False),
    ],
)
def test_it_waits_for_patience_evaluations_without_a_new_lowest_value(
    losses: list[float | None], stops: bool
) -> None:
    assert has_stopped_falling(points(*losses), WATCHED) is stops
    assert not has_stopped_falling(points(*losses), None)


def test_training_stops_early_and_ends_with_its_best_weights(tmp_path: Path) -> None:
    student = model()
    record = fit(
        student, rows()[:24], settings(**HASTY), seed=1, work=tmp_path, key="run", validation=rows()[24:]
    )
    measured = {p.step: p.figures["validation_cross_entropy"] for p in record.points if len(p.figures) > 4}
    assert record.steps == max(measured) < 60
    assert min(measured.values()) < measured[record.steps]
    learner = Learner(student.network, hard_labels())
    now = Engine.prepare(learner, settings(), tmp_path, collate).measure([tuple(rows()[24:])])
    assert now["cross_entropy"] == pytest.approx(min(measured.values()), rel=1e-5)


def hard_labels():
    from stillroom.train import HARD_LABELS

    return HARD_LABELS


def test_the_best_weights_are_those_of_this_run_or_refused(tmp_path: Path) -> None:
    module, other = nn.Linear(2, 2), nn.Linear(2, 2)
    keep_best(tmp_path, "run", trained_tensors(module), 5)
    restore_best(tmp_path, "run", other)
    torch.testing.assert_close(other.weight, module.weight, rtol=0, atol=0)
    with pytest.raises(TrainError, match="another recipe"):
        restore_best(tmp_path, "another", other)
