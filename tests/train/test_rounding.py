"""Training with rounded weights."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from pydantic import ValidationError

from stillroom.train import fit
from stillroom.train.rounding import round_blocks, rounded
from train.tiny import model, rows, settings

STAGES = [{"since": 0.1, "bits": 4}, {"since": 0.3, "bits": 2}]


def test_a_block_has_no_more_values_than_its_bits_allow() -> None:
    torch.manual_seed(0)
    weight = torch.randn(4, 64)
    found = round_blocks(weight, 3)
    assert max(len(block.unique()) for block in found.reshape(-1, 32)) <= 8
    steps = (weight.reshape(-1, 32).amax(1) - weight.reshape(-1, 32).amin(1)) / 7
    assert bool(((found - weight).reshape(-1, 32).abs().amax(1) <= steps / 2 * 1.0001).all())


def test_a_block_of_one_value_stays() -> None:
    assert round_blocks(torch.full((1, 32), 0.3), 4).unique().tolist() == pytest.approx([0.3])


def test_weights_are_exact_again_afterwards_and_gradients_are_those_of_the_rounded() -> None:
    network = model().network
    before = {name: p.detach().clone() for name, p in network.named_parameters()}
    ids = torch.tensor([[3, 4, 5, 6]])
    with rounded(network, 4):
        network(ids, labels=ids).loss.backward()
        inside = network.model.layers[0].mlp.up_proj.weight.detach().clone()
    assert all(torch.equal(p, before[name]) for name, p in network.named_parameters())
    other = model().network
    with torch.no_grad():
        for name, parameter in other.named_parameters():
            parameter.copy_(round_blocks(before[name], 4) if parameter.ndim == 2 else before[name])
    torch.testing.assert_close(other.model.layers[0].mlp.up_proj.weight.detach(), inside)
    other(ids, labels=ids).loss.backward()
    for ours, theirs in zip(network.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(ours.grad, theirs.grad)


def test_a_student_trained_for_its_rounding_loses_less_by_it(tmp_path: Path) -> None:
    validation = {}
    for name, stages in (("plain", []), ("rounded", STAGES)):
        student = model()
        fit(
            student,
            rows(),
            settings(steps=60, learning_rate=5e-3, rounding=stages),
            seed=1,
            work=tmp_path / name,
            key=name,
        )
        with torch.no_grad(), rounded(student.network, 2):
            losses = []
            for row in rows():
                ids = torch.from_numpy(row.ids)[None]
                labels = ids.clone()
                labels[0, : row.start] = -100
                losses.append(float(student.network(ids, labels=labels).loss))
            validation[name] = sum(losses) / len(losses)
    assert validation["rounded"] < validation["plain"]


def test_stages_follow_each_other_in_fewer_bits() -> None:
    with pytest.raises(ValidationError, match="`bits` fall"):
        settings(rounding=[{"since": 0.0, "bits": 4}, {"since": 0.5, "bits": 8}])
