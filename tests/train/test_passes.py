"""How many tokens a pass takes when the recipe leaves it open."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from stillroom.train import HARD_LABELS, fit
from stillroom.train.batches import collate
from stillroom.train.engine import Engine
from stillroom.train.learner import Learner
from stillroom.train.memory import PeakBytes
from stillroom.train.passes import tokens_per_pass
from stillroom.types import TrainError
from train.tiny import model, rows, settings

KIB = 1 / 2**20


def engine(folder: Path) -> Engine:
    return Engine.prepare(Learner(model().network, HARD_LABELS), settings(), folder, collate)


def auto(kib: float, **changes: object):
    return settings(tokens_per_step=2048, tokens_per_pass="auto", memory_budget_gib=kib * KIB, **changes)


def test_a_number_is_taken_as_it_is(tmp_path: Path) -> None:
    assert tokens_per_pass(engine(tmp_path), rows(), settings()) == 128


def test_the_largest_pass_within_the_budget_is_found_and_again_the_same(tmp_path: Path) -> None:
    one = engine(tmp_path)
    longest = max(len(row.ids) for row in rows())
    found = [tokens_per_pass(one, rows(), auto(kib)) for kib in (800, 1600, 800)]
    assert found[0] == found[2] < found[1]
    assert all(tokens % longest == 0 for tokens in found)
    row = max(rows(), key=lambda row: len(row.ids))
    for tokens, fits in ((found[0], True), (found[0] + longest, False)):
        with PeakBytes() as memory:
            one.rehearse([row] * (tokens // longest))
        assert (memory.peak <= 800 * 1024) is fits


def test_it_never_exceeds_a_step(tmp_path: Path) -> None:
    longest = max(len(row.ids) for row in rows())
    assert tokens_per_pass(engine(tmp_path), rows(), auto(1e6)) == 2048 // longest * longest


def test_looking_for_it_leaves_no_trace(tmp_path: Path) -> None:
    one = engine(tmp_path)
    before = {name: value.clone() for name, value in one.learner.state_dict().items()}
    tokens_per_pass(one, rows(), auto(800))
    assert all(torch.equal(value, before[name]) for name, value in one.learner.state_dict().items())
    assert all(p.grad is None for p in one.learner.parameters())


def test_a_budget_too_small_for_one_row_says_what_a_row_needs(tmp_path: Path) -> None:
    with pytest.raises(TrainError, match="raise `memory_budget_gib`, set `gradient_checkpointing: true`"):
        fit(model(), rows(), auto(1), seed=1, work=tmp_path, key="run")
