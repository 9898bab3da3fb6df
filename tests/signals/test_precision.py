"""Signals of a teacher that is held in fewer bytes are those of that teacher, and of no other."""

from __future__ import annotations

import pytest
import torch

from signals.blocks import KINDS, settings
from stillroom.models import StudentSettings, build_student
from stillroom.models.holding import hold
from stillroom.models.offload import offload_layers
from stillroom.signals import LiveTeacher, SignalStore, collect
from stillroom.train import ObjectiveSettings
from stillroom.train.batches import collate
from stillroom.train.learner import Learner
from stillroom.types import SignalError

OBJECTIVE = ObjectiveSettings(alpha=0.7, divergence="forward_kl", temperature=1.0, hidden_weight=0.5)


def test_a_store_tells_a_held_teacher_from_the_full_one(teacher, rows, record, tmp_path) -> None:
    held = hold(teacher, "int8")
    record(held, rows)
    with pytest.raises(SignalError, match="recorded with teacher"):
        collect(teacher, rows, tmp_path / "store", settings())
    with pytest.raises(SignalError, match="teacher"):
        SignalStore.open(tmp_path / "store", teacher.fingerprint())


@pytest.mark.parametrize("targets", KINDS, ids=lambda targets: targets["kind"])
def test_held_and_waiting_on_the_cpu_it_says_the_same_live_as_recorded(
    teacher, rows, record, targets
) -> None:
    held = hold(teacher, "int8")
    offload_layers(held.network, torch.device("cpu"))
    recorded = record(held, rows, targets, layers=(1, 3))
    live = LiveTeacher(held, settings(targets), layers=(1, 3))
    student = build_student(teacher, StudentSettings(layers=(1, 3)))
    losses = [
        Learner(student.network, OBJECTIVE, source)(collate(rows[:8])).total for source in (recorded, live)
    ]
    torch.testing.assert_close(losses[0], losses[1], rtol=1e-6, atol=1e-6)
