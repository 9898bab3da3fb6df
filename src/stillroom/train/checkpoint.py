"""A training that can be killed at any moment and goes on bit for bit.

Weights, both AdamW moments and the history are one safetensors file, written whole or not at all. The batch order
needs no state: it is a function of the seed and the step.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from stillroom.types import TrainError
from stillroom.types.files import atomic_file
from stillroom.types.record import TrainRecord

CHECKPOINT_FILE = "checkpoint.safetensors"
_MOMENTS = ("exp_avg", "exp_avg_sq")


def save_checkpoint(
    folder: Path, key: str, network: nn.Module, optimizer: torch.optim.Optimizer, record: TrainRecord
) -> None:
    """Write the state after a step.

    Args:
        folder: the training's work folder.
        key: identifies recipe, data and teacher; a checkpoint of another key is refused.
        network: the weights being trained.
        optimizer: an AdamW over them.
        record: how far the training is.
    """
    tensors: dict[str, Tensor] = {}
    for name, parameter in network.named_parameters():
        tensors[f"weight.{name}"] = parameter.detach()
        tensors |= {f"{moment}.{name}": optimizer.state[parameter][moment] for moment in _MOMENTS}
    with atomic_file(folder / CHECKPOINT_FILE) as temporary:
        save_file(tensors, temporary, metadata={"key": key, "record": json.dumps(record.to_dict())})


def load_checkpoint(
    folder: Path, key: str, network: nn.Module, optimizer: torch.optim.Optimizer
) -> TrainRecord | None:
    """Restore the state in place, if there is one.

    Raises:
        TrainError: the checkpoint is damaged or belongs to another recipe.
    """
    path = folder / CHECKPOINT_FILE
    if not path.exists():
        return None
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata()
            if metadata["key"] != key:
                raise TrainError(
                    f"{path} belongs to another recipe or corpus",
                    "a checkpoint of this run",
                    f"delete {path.parent}",
                )
            record = TrainRecord.from_dict(json.loads(metadata["record"]))
            _restore(file, network, optimizer, record.steps)
            return record
    except SafetensorError as error:
        raise TrainError(
            f"{path} is damaged ({error})", "a whole checkpoint", f"delete {path.parent}"
        ) from error


@torch.no_grad()
def _restore(file: Any, network: nn.Module, optimizer: torch.optim.Optimizer, step: int) -> None:
    for name, parameter in network.named_parameters():
        parameter.copy_(file.get_tensor(f"weight.{name}"))
        moments = {moment: file.get_tensor(f"{moment}.{name}").to(parameter.device) for moment in _MOMENTS}
        optimizer.state[parameter] = {"step": torch.tensor(float(step)), **moments}
