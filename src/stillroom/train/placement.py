"""Where this process trains."""

from __future__ import annotations

import torch
from accelerate import PartialState


def training_device() -> torch.device:
    """The device of this process's part of a training: with several GPUs, one for each process of a launcher."""
    device: torch.device = PartialState(cpu=not torch.cuda.is_available()).device
    return device
