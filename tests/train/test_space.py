"""What a training writes is told before it begins."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch

from stillroom.recipes import load
from stillroom.train import TrainSettings, fit
from stillroom.train.checkpoint import save_checkpoint, training_state
from stillroom.train.fit import HARD_LABELS
from stillroom.train.learner import Learner
from stillroom.train.space import present_bytes, training_bytes
from stillroom.types import StorageError
from stillroom.types.record import TrainRecord


def budget(**changes: object) -> TrainSettings:
    values = {"steps": 2, "precision": "float32", "keep_checkpoints": 1, **changes}
    return load("quickstart", [f"train.{name}={value}" for name, value in values.items()]).train


@pytest.mark.parametrize("keep", [1, 3])
def test_it_is_the_size_of_what_is_kept(make_model, tmp_path: Path, keep: int) -> None:
    """One checkpoint more than are kept, and the network beside them."""
    model = make_model()
    learner = Learner(model.network, HARD_LABELS)
    optimizer = torch.optim.AdamW(learner.parameters())
    for parameter in learner.parameters():
        parameter.grad = torch.ones_like(parameter)
    optimizer.step()
    for step in range(keep + 1):
        save_checkpoint(
            tmp_path, "run", training_state(learner, optimizer), TrainRecord(step, 0, 0.0, ()), keep + 1
        )
    written = present_bytes(tmp_path) + 4 * model.parameters
    told = training_bytes(learner, budget(keep_checkpoints=keep))
    assert told == pytest.approx(written, rel=0.1)
    watched = "{figure: loss, patience: 2}"
    assert training_bytes(learner, budget(keep_checkpoints=keep, early_stopping=watched)) == pytest.approx(
        told + 8 * model.parameters, rel=0.01
    )


def test_too_small_a_disk_stops_before_the_first_step(make_model, rows, tmp_path: Path, monkeypatch) -> None:
    usage = shutil.disk_usage("/")._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    told: list[int] = []
    with pytest.raises(StorageError, match=r"0\.0 GB free to train 'student'"):
        fit(
            make_model(),
            rows,
            budget(),
            seed=0,
            work=tmp_path / "work",
            key="run",
            task="student",
            progress=lambda task, done, total, figures=None: told.append(done),
        )
    assert told == []
