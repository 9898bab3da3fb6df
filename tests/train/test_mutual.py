"""Two students that teach each other."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from pydantic import ValidationError

from stillroom.losses import LOSSES
from stillroom.train import ObjectiveSettings, fit
from stillroom.train.batches import collate
from stillroom.train.learner import Learner
from stillroom.types import TrainError
from train.tiny import model, rows, settings

BATCH = collate(rows()[:6])


def objective(**changes: object) -> ObjectiveSettings:
    fixed = {"alpha": 0.5, "divergence": "forward_kl", "temperature": 2.0, "hidden_weight": 0.0}
    return ObjectiveSettings.model_validate({**fixed, "mutual": {"layers": [0, 1]}, **changes})


def test_each_learns_from_labels_and_from_what_the_other_says() -> None:
    ours, theirs = model().network, model(seed=3).network
    value = Learner(ours, objective(), peer=theirs)(BATCH)
    a, b = (network(BATCH.ids).logits.flatten(0, 1)[BATCH.positions] for network in (ours, theirs))

    def one(student: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
        soft = LOSSES["forward_kl"](student, other.detach(), temperature=2.0).sum()
        return 0.5 * soft + 0.5 * LOSSES["cross_entropy"](student, BATCH.targets).sum()

    expected = one(a, b) + one(b, a)
    torch.testing.assert_close(value.total, expected, rtol=1e-4, atol=1e-3)
    for network in (ours, theirs):
        found = torch.autograd.grad(value.total, list(network.parameters()), retain_graph=True)
        wanted = torch.autograd.grad(expected, list(network.parameters()), retain_graph=True)
        for left, right in zip(found, wanted, strict=True):
            torch.testing.assert_close(left, right, rtol=1e-3, atol=1e-3)


def test_both_are_trained_and_a_kill_changes_nothing(tmp_path: Path) -> None:
    def train(work: Path, progress=lambda *_: None, **changes: object) -> tuple[str, str]:
        student, peer = model(), model(seed=3)
        fit(
            student,
            rows(),
            settings(**changes),
            seed=1,
            work=work,
            key="k",
            objective=objective(),
            peer=peer,
            progress=progress,
        )
        return student.fingerprint(), peer.fingerprint()

    def kill(task: str, done: int, *_: object) -> None:
        if done == 5:
            raise KeyboardInterrupt

    whole = train(tmp_path / "whole")
    assert whole[1] != model(seed=3).fingerprint()
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path / "cut", kill, checkpoint_seconds=1e-9)
    assert train(tmp_path / "cut") == whole


def test_a_peer_and_a_mutual_objective_belong_together(tmp_path: Path) -> None:
    with pytest.raises(TrainError, match="both or neither"):
        fit(model(), rows(), settings(), seed=1, work=tmp_path, key="k", objective=objective())


def test_a_peer_replaces_the_teacher() -> None:
    assert not objective().needs_teacher
    with pytest.raises(ValidationError, match="it replaces the teacher"):
        objective(hidden_weight=1.0)
