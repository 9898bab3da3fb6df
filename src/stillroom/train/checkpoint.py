"""A training that can be killed at any moment and goes on bit for bit.

What learns (the network, and every learned part of its objective), the optimiser's state and the history are one
file, written whole or not at all. Nothing else needs to be kept: the order of the rows and every random draw are
functions of the seed and the step, and the learning rate is one of the step.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from stillroom.train.sharding import part
from stillroom.train.weights import TensorFile, trained_tensors, write_tensors
from stillroom.types.record import TrainRecord

_PATTERN = "checkpoint-*.safetensors"
_WEIGHT, _STATE = "weight.", "optimizer."


def training_state(module: nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Everything that a step changes, by name; of tensors that are divided among processes, the part of this one.

    Args:
        module: the network and the learned parts of its objective.
        optimizer: its optimiser.
    """
    tensors = {f"{_WEIGHT}{name}": tensor for name, tensor in trained_tensors(module).items()}
    for name, parameter in _learning(module):
        state: dict[str, Tensor] = optimizer.state.get(parameter, {})
        tensors |= {f"{_STATE}{name}/{entry}": value for entry, value in state.items()}
    return tensors


def save_checkpoint(
    folder: Path, key: str, tensors: Mapping[str, Tensor], record: TrainRecord, keep: int
) -> None:
    """Write the state after a step, then remove all but the ``keep`` newest.

    Args:
        folder: the training's work folder.
        key: identifies recipe, data and teacher; a checkpoint of another key is refused.
        tensors: the whole :func:`training_state`: the file does not depend on the number of processes.
        record: how far the training is.
        keep: how many checkpoints stay, this one included.
    """
    path = folder / f"checkpoint-{record.steps:08d}.safetensors"
    write_tensors(path, key, tensors, {"record": json.dumps(record.to_dict())})
    for old in _files(folder)[:-keep]:
        old.unlink()


def load_checkpoint(
    folder: Path, key: str, module: nn.Module, optimizer: torch.optim.Optimizer
) -> TrainRecord | None:
    """Restore the newest state in place, if there is one.

    Raises:
        TrainError: the newest checkpoint is damaged or belongs to another recipe. An older one is used only after
            the newest was deleted: that a file went bad is something its owner should know.
    """
    files = _files(folder)
    if not files:
        return None
    file = TensorFile.open(files[-1], key, _fix(files))
    record = TrainRecord.from_dict(json.loads(file.metadata["record"]))
    file.restore({f"{_WEIGHT}{name}": tensor for name, tensor in trained_tensors(module).items()})
    for name, parameter in _learning(module):
        state = file.starting_with(f"{_STATE}{name}/")
        if state:
            optimizer.state[parameter] = {name: _placed(value, parameter) for name, value in state.items()}
    return record


def _placed(value: Tensor, parameter: nn.Parameter) -> Tensor:
    """Put a part of the optimiser's state where its parameter is; a count of steps is of no parameter's shape."""
    value = value.to(parameter.device)
    return part(value, parameter) if value.shape == parameter.shape else value


def _learning(module: nn.Module) -> Iterator[tuple[str, nn.Parameter]]:
    return ((name, p) for name, p in module.named_parameters() if p.requires_grad)


def _files(folder: Path) -> list[Path]:
    """Checkpoints, the oldest first."""
    return sorted(folder.glob(_PATTERN))


def _fix(files: list[Path]) -> str:
    if len(files) == 1:
        return f"delete {files[-1].parent} to start again"
    return f"delete {files[-1].name} to go on from {files[-2].name}, or {files[-1].parent} to start again"
