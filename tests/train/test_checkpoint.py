"""Going on from a checkpoint: everything that learns, bit for bit, and nothing but this run's own state."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from stillroom.losses import LOSSES
from stillroom.train import fit
from stillroom.train.checkpoint import load_checkpoint, save_checkpoint, training_state
from stillroom.types import TrainError
from stillroom.types.record import Point, TrainRecord
from train.tiny import model, rows, settings


class WithProjector(nn.Module):
    """A student beside the learned part of a hidden-state loss, and a memory that is no parameter."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.student = nn.Linear(4, 3)
        self.loss = LOSSES["hint"].bind(torch.zeros(5, 3), torch.zeros(5, 6))
        self.register_buffer("memory", torch.zeros(6))

    def forward(self, x: Tensor) -> Tensor:
        teacher = torch.cat([x, x[:, :2]], 1)
        self.memory.lerp_(teacher.mean(0), 0.1)
        return self.loss(self.student(x), teacher).mean()


def take_steps(module: WithProjector, optimizer: torch.optim.Optimizer, first: int, last: int) -> None:
    for step in range(first, last):
        torch.manual_seed(step)
        module(torch.randn(5, 4)).backward()
        optimizer.step()
        optimizer.zero_grad()


def make() -> tuple[WithProjector, torch.optim.Optimizer]:
    module = WithProjector()
    return module, torch.optim.AdamW(module.parameters(), lr=0.05, fused=True)


def record(steps: int) -> TrainRecord:
    return TrainRecord(steps, 8 * steps, 0.5, (Point(1, {"loss": 2.0}),))


def save(folder: Path, steps: int, keep: int = 2) -> None:
    save_checkpoint(folder, "run", training_state(*make()), record(steps), keep)


def test_network_projector_memory_and_optimiser_go_on_as_if_nothing_had_happened(tmp_path: Path) -> None:
    straight, its_optimizer = make()
    assert any("loss" in name for name, _ in straight.named_parameters())
    take_steps(straight, its_optimizer, 0, 4)
    save_checkpoint(tmp_path, "run", training_state(straight, its_optimizer), record(4), keep=1)
    take_steps(straight, its_optimizer, 4, 8)

    resumed, optimizer = make()
    assert load_checkpoint(tmp_path, "run", resumed, optimizer) == record(4)
    take_steps(resumed, optimizer, 4, 8)
    for name, value in straight.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name


def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    for step in (3, 6, 9, 12):
        save(tmp_path, step)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "checkpoint-00000009.safetensors",
        "checkpoint-00000012.safetensors",
    ]
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in tmp_path.iterdir())


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def turn_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-9] ^= 1
    path.write_bytes(content)


def overwrite(path: Path) -> None:
    path.write_bytes(b"no tensors")


@pytest.mark.parametrize("damage", [cut_short, turn_a_bit, overwrite])
def test_a_damaged_newest_one_is_refused_by_name_and_the_one_before_is_offered(
    tmp_path: Path, damage
) -> None:
    save(tmp_path, 3)
    save(tmp_path, 6)
    newest = tmp_path / "checkpoint-00000006.safetensors"
    damage(newest)
    with pytest.raises(TrainError, match="damaged") as caught:
        load_checkpoint(tmp_path, "run", *make())
    assert str(newest) in caught.value.got
    assert caught.value.fix.startswith(f"delete {newest.name} to go on from checkpoint-00000003.safetensors")
    newest.unlink()
    assert load_checkpoint(tmp_path, "run", *make()) == record(3)


def test_a_damaged_only_one_is_refused(tmp_path: Path) -> None:
    save(tmp_path, 3)
    turn_a_bit(tmp_path / "checkpoint-00000003.safetensors")
    with pytest.raises(TrainError, match=f"delete {tmp_path} to start again"):
        load_checkpoint(tmp_path, "run", *make())


def test_half_written_files_are_not_checkpoints(tmp_path: Path) -> None:
    save(tmp_path, 3)
    (tmp_path / ".checkpoint-00000006.safetensors.x7").write_bytes(b"half")
    assert load_checkpoint(tmp_path, "run", *make()) == record(3)


def test_a_checkpoint_of_another_run_is_refused(tmp_path: Path) -> None:
    fit(model(), rows(), settings(checkpoint_seconds=1e-9), seed=1, work=tmp_path, key="one recipe")
    with pytest.raises(TrainError, match="another recipe"):
        fit(model(), rows(), settings(), seed=1, work=tmp_path, key="another recipe")


def test_a_file_that_is_no_checkpoint_is_refused(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    save_file({"weight": torch.zeros(2)}, tmp_path / "checkpoint-00000001.safetensors")
    with pytest.raises(TrainError, match="another recipe"):
        load_checkpoint(tmp_path, "run", *make())
