"""A student that learns from its own average, and from its own last layer."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import torch
from pydantic import ValidationError

from stillroom.losses import LOSSES
from stillroom.models.decoder import final_norm
from stillroom.train import ObjectiveSettings, fit
from stillroom.train.batches import collate, pack
from stillroom.train.learner import Learner
from stillroom.train.mean_teacher import MeanTeacher
from stillroom.types import TrainError
from train.tiny import model, rows, settings

FIXED = {"alpha": 0.5, "divergence": "forward_kl", "temperature": 2.0, "hidden_weight": 0.0}
BATCH = collate(rows()[:6])


def objective(**changes: object) -> ObjectiveSettings:
    return ObjectiveSettings.model_validate({**FIXED, **changes})


def moved(network: torch.nn.Module) -> torch.nn.Module:
    other = copy.deepcopy(network)
    with torch.no_grad():
        for parameter in other.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    return other


@pytest.mark.parametrize("tied", [True, False])
def test_the_average_says_what_a_network_of_the_average_weights_says(tied: bool) -> None:
    network = model(tied=tied).network
    other, expected = moved(network), copy.deepcopy(network)
    mean = MeanTeacher(network, decay=0.5)
    mean.update(other)
    with torch.no_grad():
        for kept, new in zip(expected.parameters(), other.parameters(), strict=True):
            kept.copy_(0.1 * kept + 0.9 * new)  # the first decay is 1/10
    for lay in (collate, pack):
        batch = lay(rows()[:6])
        said = mean.says(other, batch)
        states = expected(batch.ids, position_ids=batch.places, use_cache=False).logits
        wanted = states.flatten(0, 1)[batch.positions]
        torch.testing.assert_close(said.hidden @ said.weight.T, wanted.detach(), rtol=1e-4, atol=1e-4)


def test_the_decay_grows_to_its_value() -> None:
    network = model().network
    mean = MeanTeacher(network, decay=0.3)
    other = moved(network)
    for _ in range(50):
        mean.update(other)
    says, wants = mean.says(other, BATCH), other(BATCH.ids).logits.flatten(0, 1)[BATCH.positions]
    torch.testing.assert_close(says.hidden @ says.weight.T, wants.detach(), rtol=1e-3, atol=1e-3)


def test_before_any_step_the_average_is_the_student() -> None:
    learner = Learner(model().network, objective(mean_teacher={"decay": 0.9}))
    assert float(learner(BATCH).terms["forward_kl"]) == pytest.approx(0.0, abs=1e-4)


def test_training_with_a_mean_teacher_goes_on_after_a_kill_bit_for_bit(tmp_path: Path) -> None:
    wanted = objective(mean_teacher={"decay": 0.9})

    def train(work: Path, progress=lambda *_: None, **changes: object) -> str:
        student = model()
        fit(
            student,
            rows(),
            settings(**changes),
            seed=1,
            work=work,
            key="k",
            objective=wanted,
            progress=progress,
        )
        return student.fingerprint()

    whole = train(tmp_path / "whole")

    def kill(task: str, done: int, *_: object) -> None:
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(tmp_path / "cut", kill, checkpoint_seconds=1e-9)
    assert train(tmp_path / "cut") == whole


def test_an_exit_learns_from_labels_and_from_the_last_layer() -> None:
    network = model().network
    learner = Learner(network, objective(alpha=0.0, exits={"layers": [0], "weight": 0.4, "alpha": 0.25}))
    value = learner(BATCH)
    output = network.model(BATCH.ids, output_hidden_states=True)
    early = network.lm_head(final_norm(network)(output.hidden_states[1])).flatten(0, 1)[BATCH.positions]
    last = network.lm_head(output.last_hidden_state).flatten(0, 1)[BATCH.positions]
    soft = LOSSES["forward_kl"](early, last.detach(), temperature=2.0).sum()
    hard = LOSSES["cross_entropy"](early, BATCH.targets).sum()
    own = LOSSES["cross_entropy"](last, BATCH.targets).sum()
    torch.testing.assert_close(value.total, own + 0.4 * (0.25 * soft + 0.75 * hard), rtol=1e-4, atol=1e-3)


def test_an_exit_comes_before_the_last_layer() -> None:
    with pytest.raises(TrainError, match="before its last"):
        Learner(model().network, objective(alpha=0.0, exits={"layers": [1], "weight": 1.0, "alpha": 0.5}))


def test_a_mean_teacher_replaces_the_teacher() -> None:
    assert not objective(mean_teacher={"decay": 0.9}).needs_teacher
    with pytest.raises(ValidationError, match="it replaces the teacher"):
        objective(mean_teacher={"decay": 0.9}, hidden_weight=1.0)
