"""How much a training writes to the disk."""

from __future__ import annotations

from pathlib import Path

from torch import nn

from stillroom.train.settings import TrainSettings
from stillroom.train.weights import trained_tensors

_ADAM_MOMENTS = 2


def training_bytes(module: nn.Module, settings: TrainSettings) -> int:
    """Most bytes that lie on the disk at once: checkpoints, the best weights, and the network saved at the end.

    A checkpoint holds what learns and AdamW's two moments of it. A new file is written before the oldest is removed.
    """
    saved = sum(parameter.nbytes for parameter in module.parameters())
    learned = sum(tensor.nbytes for tensor in trained_tensors(module).values())
    checkpoints = (settings.keep_checkpoints + 1) * (1 + _ADAM_MOMENTS) * learned
    best = 2 * learned if settings.early_stopping else 0
    return checkpoints + best + saved


def present_bytes(work: Path) -> int:
    """Bytes that an earlier process of the same training left."""
    return sum(path.stat().st_size for path in work.glob("*.safetensors"))
